"""Report how far a run is, as log records: whoever runs it decides what is shown."""

import logging
from dataclasses import dataclass
from typing import Literal

LOGGER = logging.getLogger("trustlift.progress")
_KEY = "trustlift_progress"


@dataclass(frozen=True, kw_only=True)
class Progress:
    """One report.

    Attributes:
        stage: Name of the stage.
        state: What it does now.
        detail: What it is at, or what came of it.
        seconds: How long it took, once it has ended.
    """

    stage: str
    state: Literal["started", "working", "done", "failed"]
    detail: str = ""
    seconds: float | None = None


def report(progress: Progress) -> None:
    """Send a report."""
    text = " ".join(part for part in (progress.stage, progress.state, progress.detail) if part)
    level = logging.DEBUG if progress.state == "working" else logging.INFO
    LOGGER.log(level, "%s", text, extra={_KEY: progress})


def progress_of(record: logging.LogRecord) -> Progress | None:
    """Give the report inside a log record, if it is one."""
    return getattr(record, _KEY, None)
