from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest

from orchestration.jobs import daily_schedule, files_digest, new_files, next_look

Write = Callable[..., Path]


@pytest.fixture
def exports(tmp_path: Path) -> Path:
    folder = tmp_path / "exports" / "2026-06-01"
    folder.mkdir(parents=True)
    (folder / "page.json").write_text("{}")
    return tmp_path / "exports"


def test_the_digest_changes_with_names_and_sizes_only(exports: Path) -> None:
    before = files_digest([exports])
    (exports / "2026-06-01" / "page.json").touch()
    assert files_digest([exports]) == before
    (exports / "2026-06-01" / "page.json").write_text("{} ")
    assert files_digest([exports]) != before
    assert files_digest([exports / "absent"]) == files_digest([])


def test_the_first_look_only_remembers() -> None:
    cursor, run_key = next_look(None, "a")
    assert run_key is None
    assert next_look(cursor, "a")[1] is None


def test_a_change_runs_once_it_is_at_rest_and_only_once() -> None:
    cursor, _ = next_look(None, "a")
    cursor, while_arriving = next_look(cursor, "b")
    cursor, still_arriving = next_look(cursor, "c")
    cursor, at_rest = next_look(cursor, "c")
    _, afterwards = next_look(cursor, "c")
    assert [while_arriving, still_arriving, at_rest, afterwards] == [None, None, "c", None]


def test_the_sensor_asks_for_a_run_when_a_file_has_come(
    exports: Path, write_config: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = write_config(sources={"zendesk": {"path": str(exports)}})
    monkeypatch.setenv("TRUSTLIFT_CONFIG", str(config))
    cursor = None
    asked = []
    for arriving in (False, True, False, False):
        if arriving:
            (exports / "page-2.json").write_text("{}")
        context = dg.build_sensor_context(cursor=cursor)
        evaluated = new_files.evaluate_tick(context)
        cursor = evaluated.cursor
        asked.append(len(evaluated.run_requests or []))
    assert asked == [0, 0, 1, 0]


@pytest.mark.parametrize(
    ("configured", "asked_for"),
    [(None, "2026-06-28T05:00:00+00:00"), ("2026-01-01", "")],
)
def test_the_schedule_looks_from_when_it_was_due_unless_the_file_says_when(
    write_config: Write,
    monkeypatch: pytest.MonkeyPatch,
    configured: str | None,
    asked_for: str,
) -> None:
    monkeypatch.setenv("TRUSTLIFT_CONFIG", str(write_config(as_of=configured)))
    due = datetime(2026, 6, 28, 5, tzinfo=UTC)
    context = dg.build_schedule_context(scheduled_execution_time=due)
    schedule = daily_schedule("UTC")
    [request] = schedule.evaluate_tick(context).run_requests or []
    run = request.run_config["resources"]["run"]["config"]
    assert run["as_of"] == asked_for
    assert run["wait"] is True
