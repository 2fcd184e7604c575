"""Every end of a run is written into the validation history."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import cast

import pytest

from orchestration import validation
from orchestration.config_load import load_settings
from orchestration.dbt_process import DbtProject
from orchestration.places import main_places
from orchestration.run import Run
from orchestration.status import read_status
from report import read_records
from tests.unit.orchestration.samples import BLOCKED
from tests.unit.report.html import read

NOW = datetime(2026, 6, 28, 5, tzinfo=UTC)


@pytest.fixture
def run(write_config: Callable[..., Path]) -> Run:
    times = (NOW + timedelta(minutes=minute) for minute in count())
    config = write_config(retention={"validation_runs": 2})
    settings = load_settings(config)
    return Run(
        run_id="1",
        as_of=datetime(2026, 6, 28, tzinfo=UTC),
        config_file=config,
        settings=settings,
        places=main_places(settings.data_dir),
        project=cast("DbtProject", None),
        clock=lambda: next(times),
    )


def test_a_blocked_run_has_its_page_with_what_blocks(run: Run) -> None:
    with run.in_history():
        run.announce_blocked([BLOCKED])
    text = read((run.places.validation / "index.html").read_text()).text
    for part in (BLOCKED.subject, BLOCKED.expectation, "0.31", BLOCKED.owner, *BLOCKED.commands):
        assert part in text
    assert "Nothing is published" in text
    assert "Next: trustlift run" in text
    [record] = read_records(run.places.validation)
    assert (record.run_id, record.state) == ("1", "blocked")


def fail(run: Run, stage: str) -> None:
    with suppress(OSError), run.stage(stage, "python"):
        raise OSError("the disk of Ann Smith is full")


def test_a_failed_run_has_its_page_when_it_has_ended_and_not_when_it_failed(run: Run) -> None:
    with run.in_history():
        fail(run, "land braze")
        assert not run.places.validation.exists()
        fail(run, "land zendesk")
    text = read((run.places.validation / "runs" / "1.html").read_text()).text
    assert "stage land zendesk ended with OSError" in text
    assert "Correct what the log names and run again." in text
    assert f"The details are in {run.places.run_log}. Next: trustlift run" in text
    assert "Ann" not in text
    [record] = read_records(run.places.validation)
    status = read_status(run.places.status)
    assert status is not None
    assert status.finished_at == record.finished_at.isoformat()
    # The clock is a minute later each time that it is read.
    assert record.finished_at == NOW + timedelta(seconds=record.seconds)
    assert record.seconds > 60


def test_a_run_that_came_to_nothing_leaves_the_history_alone(run: Run) -> None:
    with run.in_history():
        run.announce_failure("it broke")
    with replace(run, run_id="2").in_history():
        pass
    assert [record.run_id for record in read_records(run.places.validation)] == ["1"]


def test_a_page_that_cannot_be_written_changes_nothing_about_the_run(
    run: Run, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise OSError("the disk of Ann Smith is full")

    monkeypatch.setattr(validation, "write_pages", fail)
    with run.in_history():
        run.announce_published()
    status = read_status(run.places.status)
    assert status is not None
    assert status.state == "published"
    assert "validation history of run 1 not written: OSError" in caplog.text
    assert "Ann" not in caplog.text
