"""Every end of a run is written into the validation history."""

from collections.abc import Callable
from datetime import UTC, datetime
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
    config = write_config(retention={"validation_runs": 2})
    settings = load_settings(config)
    return Run(
        run_id="1",
        as_of=datetime(2026, 6, 28, tzinfo=UTC),
        config_file=config,
        settings=settings,
        places=main_places(settings.data_dir),
        project=cast("DbtProject", None),
        clock=lambda: NOW,
    )


def test_a_blocked_run_has_its_page_with_what_blocks(run: Run) -> None:
    run.announce_blocked([BLOCKED])
    text = read((run.places.validation / "index.html").read_text()).text
    for part in (BLOCKED.subject, BLOCKED.expectation, "0.31", BLOCKED.owner, *BLOCKED.commands):
        assert part in text
    assert "Nothing is published" in text
    [record] = read_records(run.places.validation)
    assert (record.run_id, record.state, record.finished_at) == ("1", "blocked", NOW)


def test_a_run_that_failed_before_any_stage_has_its_page(run: Run) -> None:
    run.announce_failure("stage seeds ended with OSError")
    text = read((run.places.validation / "runs" / "1.html").read_text()).text
    assert "stage seeds ended with OSError" in text


def test_a_page_that_cannot_be_written_changes_nothing_about_the_run(
    run: Run, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise OSError("the disk of Ann Smith is full")

    monkeypatch.setattr(validation, "write_pages", fail)
    run.announce_published()
    status = read_status(run.places.status)
    assert status is not None
    assert status.state == "published"
    assert "validation history of run 1 not written: OSError" in caplog.text
    assert "Ann" not in caplog.text
