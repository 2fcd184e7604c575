import io
import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

import warehouse
from orchestration.places import main_places
from tests.unit.orchestration.calling import call
from tests.unit.orchestration.test_registry_command import build

Write = Callable[..., Path]


@pytest.fixture
def registered(write_config: Write) -> Path:
    """A configuration whose build registers exp_tips, and exp_nudges with the salt `winter`."""
    config = write_config()
    places = main_places(config.parent / "data")
    places.build.parent.mkdir(parents=True)
    with closing(warehouse.connect(places.build)) as connection:
        build(connection)
        connection.execute(
            "insert into core.dim_experiments select * replace ('exp_nudges' as experiment_id, "
            "'winter' as salt) from core.dim_experiments"
        )
    return config


def roles(text: str) -> dict[str, str]:
    rows = [json.loads(line) for line in text.splitlines()]
    return {row["unit"]: row["variation_role"] for row in rows}


def test_units_of_stdin_are_assigned_on_stdout_and_always_alike(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], registered: Path
) -> None:
    units = [f"c{number}" for number in range(2_000)]
    told = []
    for given in (units, units[::-1]):
        monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(given)))
        assert call(monkeypatch, "assign", "exp_tips", "--config", registered) == 0
        told.append(roles(capsys.readouterr().out))
    assert told[0] == told[1]
    assert 250 < list(told[0].values()).count("holdout") < 350


def test_a_column_of_a_csv_is_written_where_the_contract_looks(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    registered: Path,
    tmp_path: Path,
) -> None:
    listed = tmp_path / "units.csv"
    listed.write_text("name,ref\nx,c1\ny,c2\n")
    words = ("assign", "exp_nudges", "--units", listed, "--column", "ref", "--to", tmp_path / "out")
    assert call(monkeypatch, *words, "--json", "--config", registered) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["assigned"], told["salt"]) == (2, "winter")
    assert Path(told["file"]).exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("exp_unheard",), "not in the registry"),
        (("exp_tips", "--holdout-share", "0.2"), "holdout share of 0.15, not 0.2"),
        (("exp_tips", "--salt", "winter"), "is that of exp_nudges"),
        (("exp_tips", "--salt", "exp_nudges"), "is that of exp_nudges"),
        (("exp_nudges", "--salt", "summer"), "another salt"),
        (("exp_tips", "--unit-type", "household"), "no type of unit"),
        (("exp_tips", "--units", "nowhere.csv"), "can't be read"),
    ],
    ids=["unregistered", "share", "salt", "id as salt", "new salt", "unit type", "no file"],
)
def test_what_the_registry_does_not_say_is_not_drawn(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    registered: Path,
    words: tuple[str, ...],
    told: str,
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("c1\n"))
    assert call(monkeypatch, "assign", *words, "--config", registered) == 2
    captured = capsys.readouterr()
    assert told in captured.err
    assert not captured.out


def test_a_column_that_is_not_there_is_named(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    registered: Path,
    tmp_path: Path,
) -> None:
    listed = tmp_path / "units.csv"
    listed.write_text("name\nx\n")
    words = ("assign", "exp_tips", "--units", listed, "--column", "ref", "--config", registered)
    assert call(monkeypatch, *words) == 2
    assert "no column 'ref'" in capsys.readouterr().err
