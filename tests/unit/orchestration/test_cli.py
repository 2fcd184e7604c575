import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import simulation
from ingestion.rejections import Rejection, write_rejections
from orchestration import run_command
from orchestration.alerts.conditions import run_failed
from orchestration.alerts.ledger import observe
from orchestration.alerts.outbox import mark_failed, waiting
from orchestration.cli import main
from orchestration.commands import DRAFT, check_room
from orchestration.config_load import load_settings
from orchestration.exits import CommandError
from orchestration.pipeline import Fault
from orchestration.places import main_places
from orchestration.screen import make_console, print_summary
from orchestration.status import State, Status, record_outcome
from orchestration.summary import Summary
from report import SourceRows
from tests.unit.orchestration.samples import BLOCKED

Write = Callable[..., Path]
ROOT = Path(__file__).parents[3]


def call(monkeypatch: pytest.MonkeyPatch, *words: str | Path) -> int:
    monkeypatch.setattr(sys, "argv", ["trustlift", *map(str, words)])
    with pytest.raises(SystemExit) as caught:
        main()
    assert isinstance(caught.value.code, int)
    return caught.value.code


def summary(state: State, fault: Fault | None = None) -> Summary:
    status = Status(
        state=state,
        as_of="2026-06-28T00:00:00+00:00",
        run_id="1",
        finished_at="2026-06-28T05:00:00+00:00",
        last_published_as_of=None,
        last_published_at=None,
        blocked=(BLOCKED,) if state == "blocked" else (),
    )
    rows = SourceRows(source="amplitude", received=10, kept=8, excluded={"duplicate": 2})
    return Summary(
        status=status,
        fault=fault,
        rows=(rows,),
        gates={"batches passed": 3},
        marts={"kpi_opt_out_daily": 7} if state == "published" else {},
        published="data/published",
        log="data/warehouse/run.log",
        validation="data/validation/index.html",
        seconds={"set_up": 0.0, "total": 1.0},
    )


@pytest.fixture
def run_ends_with(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def end(state: State, fault: Fault | None = None) -> None:
        monkeypatch.setattr(run_command, "_run", lambda *_, **__: summary(state, fault))

    return end


@pytest.mark.parametrize(("state", "code"), [("published", 0), ("blocked", 3), ("failed", 1)])
def test_the_exit_code_says_how_the_run_ended(
    monkeypatch: pytest.MonkeyPatch,
    write_config: Write,
    run_ends_with: Callable[..., None],
    state: State,
    code: int,
) -> None:
    run_ends_with(state)
    assert call(monkeypatch, "run", "--config", write_config()) == code


def test_a_configuration_that_only_the_files_prove_wrong_is_bad_configuration(
    monkeypatch: pytest.MonkeyPatch, write_config: Write, run_ends_with: Callable[..., None]
) -> None:
    run_ends_with("failed", Fault(step="lake", kind="ContractError", message="no such column"))
    assert call(monkeypatch, "run", "--config", write_config()) == 2


@pytest.mark.parametrize(
    "words",
    [
        ["run", "--as-of", "yesterday"],
        ["run", "--config", "absent.yml"],
        ["run", "--unknown"],
        ["reject", "amplitude/events/2026-06-21"],
        ["reject", "nonsense", "--reason", "x"],
        ["restore", "amplitude/events/2026-06-21"],
        ["replay", "nothing", "--from", "2026-06-01", "--to", "2026-06-02"],
        ["replay", "zendesk", "--from", "June", "--to", "2026-06-02"],
        ["simulate", "--customers", "1"],
        ["simulate", "--scenario", "earthquake"],
        ["explode"],
        [],
    ],
    ids=" ".join,
)
def test_bad_usage_ends_with_2_and_keeps_stdout_clean(
    monkeypatch: pytest.MonkeyPatch,
    write_config: Write,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
) -> None:
    given = ["--config", str(write_config())] if words and "--config" not in words else []
    assert call(monkeypatch, *words, *given) == 2
    assert not words or capsys.readouterr().out == ""


def test_a_source_without_its_folder_is_named(
    monkeypatch: pytest.MonkeyPatch, write_config: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    config = write_config(sources={"zendesk": {"path": "nowhere"}})
    assert call(monkeypatch, "run", "--config", config) == 2
    told = capsys.readouterr().err
    assert "sources.zendesk.path" in told
    assert "must be a folder" in told


def test_an_error_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, write_config: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: Any, **__: Any) -> Summary:
        raise CommandError("The disk is full.", remedy="Make room.")

    monkeypatch.setattr(run_command, "_run", fail)
    assert call(monkeypatch, "run", "--config", write_config()) == 1
    assert "The disk is full. Make room." in capsys.readouterr().err


def test_an_error_of_nobodys_making_ends_with_1_and_no_traceback(
    monkeypatch: pytest.MonkeyPatch, write_config: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: Any, **__: Any) -> Summary:
        raise OSError("the cable is out")

    monkeypatch.setattr(run_command, "_run", fail)
    assert call(monkeypatch, "run", "--config", write_config()) == 1
    assert capsys.readouterr().err == "OSError: the cable is out\n"


def test_ctrl_c_ends_with_1_and_says_so(
    monkeypatch: pytest.MonkeyPatch, write_config: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    def stop(*_: Any, **__: Any) -> Summary:
        raise KeyboardInterrupt

    monkeypatch.setattr(run_command, "_run", stop)
    assert call(monkeypatch, "run", "--config", write_config()) == 1
    assert "Stopped before its end" in capsys.readouterr().err


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


def test_json_says_why_a_run_could_not_begin(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "run", "--json", "--config", tmp_path / "none.yml") == 2
    told = json.loads(capsys.readouterr().out)
    assert told["exit_code"] == 2
    assert "none.yml" in told["error"]


def test_json_is_the_only_thing_on_stdout(
    monkeypatch: pytest.MonkeyPatch,
    write_config: Write,
    run_ends_with: Callable[..., None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    run_ends_with("blocked")
    call(monkeypatch, "run", "--json", "--config", write_config())
    told = json.loads(capsys.readouterr().out)
    assert told["exit_code"] == 3
    assert told["status"]["blocked"][0]["figure"] == 0.31
    assert told["rows"] == [
        {"source": "amplitude", "received": 10, "kept": 8, "excluded": {"duplicate": 2}}
    ]


@pytest.mark.parametrize("state", ["published", "blocked", "failed"])
def test_the_summary_fits_80_columns(
    monkeypatch: pytest.MonkeyPatch,
    write_config: Write,
    run_ends_with: Callable[..., None],
    capsys: pytest.CaptureFixture[str],
    state: State,
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    run_ends_with(state, Fault(step="marts", kind="Failure", message="long " * 40))
    call(monkeypatch, "run", "--config", write_config())
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    text = "\n".join(lines)
    if state == "blocked":
        for part in ("0.31", "0.15", BLOCKED.subject, "owner data-engineering", "trustlift reject"):
            assert part in text


def test_status_before_the_first_run_says_how_to_start(
    monkeypatch: pytest.MonkeyPatch, write_config: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "status", "--config", write_config()) == 0
    assert "trustlift run" in capsys.readouterr().out


def test_status_shows_what_blocks_while_it_blocks(
    monkeypatch: pytest.MonkeyPatch,
    write_config: Write,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    now = datetime(2026, 6, 28, tzinfo=UTC)
    status = main_places(tmp_path / "data").status
    record_outcome(status, "blocked", as_of=now, run_id="1", now=now, blocked=[BLOCKED])
    assert call(monkeypatch, "status", "--config", write_config()) == 0
    told = capsys.readouterr().out
    assert "Nothing is published yet" in told
    assert BLOCKED.subject in told
    call(monkeypatch, "status", "--json", "--config", write_config())
    report = json.loads(capsys.readouterr().out)
    assert report["status"]["blocked"][0]["subject"] == BLOCKED.subject
    assert report["freshness"] == report["rejected"] == []


def test_what_a_person_wrote_is_printed_as_it_is(
    monkeypatch: pytest.MonkeyPatch,
    write_config: Write,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    now = datetime(2026, 6, 28, tzinfo=UTC)
    places = main_places(tmp_path / "data")
    record_outcome(places.status, "failed", as_of=now, run_id="1", now=now, message="it broke")
    reason = "sent twice, see [/INC-12] [bold]soon[/bold] :bug:"
    batch = Rejection(
        batch_id=BLOCKED.subject, reason=reason, rejected_at=now, rows=3, last_file_no=1
    )
    write_rejections(places.lake, [batch])
    assert call(monkeypatch, "status", "--config", write_config()) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert reason in told
    assert "failed: it broke." in told
    assert "The details are in" in told


def test_a_look_back_says_what_stays(capsys: pytest.CaptureFixture[str]) -> None:
    looked_back = replace(summary("published"), kept_as_of="2026-07-01T00:00:00+00:00")
    print_summary(make_console(), looked_back)
    assert "published as of 2026-07-01T00:00:00+00:00" in capsys.readouterr().out


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys, orchestration.cli\n"
        "heavy = {'dagster', 'dbt', 'duckdb', 'pandas', 'pyarrow', 'pydantic'} & set(sys.modules)\n"
        "sys.exit(', '.join(heavy) or 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def test_a_batch_set_aside_since_it_blocked_is_said_to_be_dealt_with(
    monkeypatch: pytest.MonkeyPatch,
    write_config: Write,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    blocked_at = datetime(2026, 6, 28, tzinfo=UTC)
    places = main_places(tmp_path / "data")
    record_outcome(
        places.status, "blocked", as_of=blocked_at, run_id="1", now=blocked_at, blocked=[BLOCKED]
    )

    def told(rejected_at: datetime) -> str:
        batch = Rejection(
            batch_id=BLOCKED.subject, reason="x", rejected_at=rejected_at, rows=3, last_file_no=1
        )
        write_rejections(places.lake, [batch])
        assert call(monkeypatch, "status", "--config", config) == 0
        lines = capsys.readouterr().out.splitlines()
        assert max(map(len, lines)) <= 80
        return " ".join(" ".join(lines).split())

    config = write_config()
    since = told(blocked_at + timedelta(hours=1))
    assert "the next run will not judge it" in since
    assert "trustlift reject" not in since
    # It was set aside before: what came for the same date since then blocks.
    before = told(blocked_at - timedelta(hours=1))
    assert "the next run will not judge it" not in before
    assert "trustlift reject" in before


def test_a_damaged_status_is_named_with_its_remedy(
    monkeypatch: pytest.MonkeyPatch,
    write_config: Write,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    status = main_places(tmp_path / "data").status
    status.parent.mkdir(parents=True)
    for damaged in ("", '{"state": "publ', '{"state": "unheard of"}', "[]"):
        status.write_text(damaged)
        assert call(monkeypatch, "status", "--config", write_config()) == 1
        told = capsys.readouterr().err
        assert str(status) in told
        assert "is damaged" in told
        assert "Remove it and run again" in told


@pytest.mark.parametrize("words", [["--config", "CONFIG", "test"], ["test", "--config", "CONFIG"]])
def test_a_test_message_goes_where_the_named_file_says(
    words: list[str], tmp_path: Path, write_config: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    sink = tmp_path / "told.jsonl"
    config = write_config(alerts={"sinks": [{"kind": "file", "path": str(sink)}]})
    named = [str(config) if word == "CONFIG" else word for word in words]
    assert call(monkeypatch, "alerts", *named) == 0
    assert sink.exists()


def test_refused_messages_can_be_tried_again_or_dropped(
    tmp_path: Path,
    write_config: Write,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    sink = tmp_path / "told.jsonl"
    config = write_config(alerts={"sinks": [{"kind": "file", "path": str(sink)}]})
    settings = load_settings(config)
    places = main_places(settings.data_dir)
    sinks, now = settings.alerts.by_name, datetime(2026, 6, 28, tzinfo=UTC)

    def refuse(subject: str) -> None:
        run = replace(run_failed("it broke", log=places.run_log), subject=subject)
        observe(places.alerts, subject, [run], sinks=sinks, now=now)
        for one in waiting(places.alerts):
            mark_failed(places.alerts, one, fault="no", next_attempt_at=now, is_refused=True)

    refuse("first")
    assert call(monkeypatch, "alerts", "--config", config) == 0
    told = capsys.readouterr().out
    assert "tried 1 time: no" in told
    assert "alerts retry" in told
    assert call(monkeypatch, "alerts", "retry", "--config", config) == 0
    assert "1 refused message tried again, 1 sent." in capsys.readouterr().out
    assert len(sink.read_text().splitlines()) == 1
    refuse("second")
    assert call(monkeypatch, "alerts", "--json", "drop", "--config", config) == 0
    assert json.loads(capsys.readouterr().out)["dropped"][0]["title"].endswith("second")
    assert call(monkeypatch, "alerts", "retry", "--config", config) == 0
    assert len(sink.read_text().splitlines()) == 1


def test_retention_never_counts_from_later_than_what_is_published(
    write_config: Write, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    config = write_config(as_of="2026-06-28T00:00:00Z")
    places = main_places(config.parent / "data")
    published = datetime(2025, 10, 11, tzinfo=UTC)
    record_outcome(places.status, "published", as_of=published, run_id="1", now=published)
    assert call(monkeypatch, "retention", "--dry-run", "--json", "--config", config) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["as_of"] == published.isoformat()
    assert told["dry_run"] is True
