"""Write the validation history: an index, and a page for each run.

The pages are whole in themselves: style inlined, no script, no request. The content policy in their
head has a browser hold them to that.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from report.environment import environment
from report.findings import Findings
from report.record import RunRecord, page_path, read_records, write_whole

INDEX = "index.html"
MOST_BREACHES = 100
"""Breaches that a page lists; how many there are beyond is said."""


@dataclass(frozen=True, kw_only=True)
class SetAside:
    """A batch that a person set aside."""

    batch: str
    reason: str
    since: datetime
    rows: int
    undo: str


@dataclass(frozen=True, kw_only=True)
class OpenAlert:
    """An alert that is open."""

    condition: str
    subject: str
    severity: str
    since: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Page:
    """What a run's page shows.

    Attributes:
        record: How the run ended.
        findings: What it found.
        next_step: What to do now; empty for nothing.
        published_as_of: The moment from which what analysts read now looks; None for nothing.
        set_aside: Batches that are set aside.
        alerts: Alerts that are open.
    """

    record: RunRecord
    findings: Findings
    next_step: str = ""
    published_as_of: str | None = None
    set_aside: Sequence[SetAside] = ()
    alerts: Sequence[OpenAlert] = ()


def write_pages(folder: Path, page: Page) -> Path:
    """Write a run's page, and the index with the whole history.

    Args:
        folder: Folder of the validation history; the run's record is in it already.
        page: What the run's page shows.

    Returns:
        The index.
    """
    write_whole(page_path(folder, page.record.run_id), render_run(page))
    index = folder / INDEX
    write_whole(index, render_index(page, read_records(folder)))
    return index


def render_run(page: Page) -> str:
    """Return the page of one run."""
    return environment().get_template("run.html").render(page=page, most=MOST_BREACHES)


def render_index(page: Page, records: Sequence[RunRecord]) -> str:
    """Return the index: the last run, and the history of all.

    Args:
        page: Of the last run.
        records: Of every run, the newest first.
    """
    template = environment().get_template("index.html")
    return template.render(page=page, records=records, most=MOST_BREACHES)
