import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingestion.rejections import Rejection, write_rejections
from orchestration import run_command
from orchestration.exits import CommandError
from orchestration.figures import drifted_tables
from orchestration.pipeline import Fault
from orchestration.places import main_places
from orchestration.screen import make_console, print_summary
from orchestration.status import State, Status, record_outcome
from orchestration.summary import Summary
from report import SourceRows
from tests.unit.orchestration.calling import call
from tests.unit.orchestration.samples import BLOCKED

Write = Callable[..., Path]
ROOT = Path(__file__).parents[3]


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


def test_drift_is_a_line_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    with duckdb.connect() as build:
        build.execute(
            "create schema raw; create table raw.schema_drift as from (values"
            "('crm', 'contacts', 'new_column', 'colour', null, 'colour varchar', 3),"
            "('crm', 'contacts', 'renamed_column', 'email', 'email string', 'e_mail varchar', 1),"
            "('crm', 'contacts', 'unfit_value', 'age', 'bigint', 'age varchar', 1),"
            "('sumsub', 'applicants', 'missing_column', 'id', 'id string', 'no new column', 2)"
            ") as it(source_name, table_name, kind, field, expected, found, row_count)"
        )
        drift = drifted_tables(build)
    print_summary(make_console(), replace(summary("published"), drift=drift))
    told = " ".join(capsys.readouterr().out.split())
    contacts = "new column colour (3 rows); renamed column email, found e_mail varchar (1 row)"
    assert f"DRIFT crm/contacts: {contacts} DRIFT sumsub/applicants: missing column id, " in told
    assert "age" not in told


def test_a_warning_that_is_no_alert_is_explained(
    monkeypatch: pytest.MonkeyPatch, write_config: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    ended = replace(summary("published"), gates={"batches warning failed": 1})
    monkeypatch.setattr(run_command, "_run", lambda *_, **__: ended)
    config = write_config(alerts={"warnings_for_days": 1})
    assert call(monkeypatch, "run", "--config", config) == 0
    assert "A warning about a day more than 1 day ago is no alert." in capsys.readouterr().out


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
    documented = {"status", "running", "hours_since_run", "freshness", "rejected", "unread"}
    assert report.keys() == documented | {"alerts", "validation", "log"}


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
