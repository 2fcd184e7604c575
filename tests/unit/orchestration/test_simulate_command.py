import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

import simulation
from orchestration.commands import DRAFT, check_room
from orchestration.exits import CommandError
from tests.unit.orchestration.calling import call

Write = Callable[..., Path]


def test_exports_in_the_way_are_replaced_only_when_simulated_and_told_so(tmp_path: Path) -> None:
    exports, truth = tmp_path / "exports", tmp_path / "truth"
    check_room(exports, truth, replace=False)
    (exports / "amplitude").mkdir(parents=True)
    with pytest.raises(CommandError, match="not simulated"):
        check_room(exports, truth, replace=True)
    truth.mkdir()
    with pytest.raises(CommandError, match="--replace"):
        check_room(exports, truth, replace=False)
    check_room(exports, truth, replace=True)


def test_a_simulation_that_is_stopped_leaves_the_company_before_it(
    monkeypatch: pytest.MonkeyPatch, write_config: Write, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    words: list[str | Path] = [
        "simulate",
        "--customers",
        "40",
        "--days",
        "30",
        "--config",
        write_config(),
    ]
    assert call(monkeypatch, *words) == 0
    before = {path: path.read_bytes() for path in data.rglob("exports/**/*") if path.is_file()}
    assert before

    def stop(_: object, exports: Path, truth: Path, **__: object) -> None:
        for folder in (exports, truth):
            folder.mkdir(parents=True)
            (folder / "half").touch()
        raise KeyboardInterrupt

    with monkeypatch.context() as stopping:
        stopping.setattr(simulation, "simulate", stop)
        assert call(monkeypatch, *words, "--replace", "--seed", "8") == 1
    assert {path: path.read_bytes() for path in before} == before
    assert call(monkeypatch, *words, "--replace", "--seed", "8") == 0
    assert not (data / DRAFT).exists()
    assert not [*data.rglob("half")]
    after = {path: path.read_bytes() for path in data.rglob("exports/**/*") if path.is_file()}
    assert after != before


@pytest.mark.parametrize("as_of", [None, "2026-06-28T00:00:00Z"])
def test_a_company_of_another_period_says_that_the_configured_moment_must_follow(
    as_of: str | None,
    monkeypatch: pytest.MonkeyPatch,
    write_config: Write,
    capsys: pytest.CaptureFixture[str],
) -> None:
    ended = SimpleNamespace(
        as_of=datetime(2025, 10, 1, tzinfo=UTC), files=1, rows={"events": 1}, seconds=0.1
    )

    def simulate(_: object, exports: Path, truth: Path, **__: object) -> SimpleNamespace:
        exports.mkdir(parents=True)
        truth.mkdir()
        return ended

    monkeypatch.setattr(simulation, "simulate", simulate)
    words = ["simulate", "--replace", "--json", "--config"]
    assert call(monkeypatch, *words, write_config(**({"as_of": as_of} if as_of else {}))) == 0
    note = json.loads(capsys.readouterr().out)["note"]
    assert "write `as_of: 2025-10-01T00:00:00+00:00` there" in note
    assert (as_of is None) is ("has none" in note)
    assert call(monkeypatch, *words, write_config(as_of="2025-10-01")) == 0
    assert "note" not in json.loads(capsys.readouterr().out)
