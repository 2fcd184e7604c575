"""What `trustlift status` says: what is published, how fresh it is, what blocks."""

import json
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from orchestration.alerts.overview import Overview, overview
from orchestration.config_load import load_settings
from orchestration.hints import command_line
from orchestration.lock import current_holder
from orchestration.places import main_places
from orchestration.run import utc_now
from orchestration.screen import make_console, print_blocked
from orchestration.status import Status, read_status
from orchestration.unread import UnreadSource, print_unread, unread_sources
from report.pages import INDEX
from warehouse import counted

_SET_ASIDE = "Set aside since: the next run will not judge it. Next: trustlift run"
_MOST_ALERTS = 10
_FRESHNESS = """
    select source_name, max(data_through_date), min(freshness_hours)
    from kpi_data_hygiene_daily
    group by source_name
    order by source_name
"""


@dataclass(frozen=True, kw_only=True)
class SourceFreshness:
    """How old a source's newest row was when the snapshot was made.

    Attributes:
        source: Its name.
        data_through: Date of the newest row.
        hours: Age of the newest row; None for a source that is closed.
    """

    source: str
    data_through: str
    hours: float | None


@dataclass(frozen=True, kw_only=True)
class RejectedBatch:
    """A batch that a person set aside, and how to bring it back."""

    batch: str
    reason: str
    rejected_at: str
    rows: int
    undo: str


@dataclass(frozen=True, kw_only=True)
class Report:
    """All that `trustlift status` says."""

    status: Status | None
    running: str | None
    freshness: Sequence[SourceFreshness]
    rejected: Sequence[RejectedBatch]
    unread: Sequence[UnreadSource]
    alerts: Overview
    hours_since_run: float | None
    log: str
    validation: str | None


def show_status(config: Path, *, as_json: bool) -> None:
    """Print the state of publishing; nothing is locked or changed."""
    report = gather_report(config)
    if as_json:
        sys.stdout.write(json.dumps({**asdict(report), "alerts": report.alerts.as_dict()}) + "\n")
    else:
        print_report(make_console(), report)


def gather_report(config: Path) -> Report:
    """Read the status, the published snapshot and the register of rejected batches."""
    from ingestion.rejections import read_rejections

    settings = load_settings(config)
    places = main_places(settings.data_dir)
    now = utc_now()
    status = read_status(places.status)
    page = places.validation / INDEX
    return Report(
        status=status,
        running=current_holder(places.lock),
        freshness=read_freshness(places.published / "kpi.duckdb"),
        rejected=[
            RejectedBatch(
                batch=one.batch_id,
                reason=one.reason,
                rejected_at=one.rejected_at.isoformat(timespec="seconds"),
                rows=one.rows,
                undo=command_line(f"trustlift restore {one.batch_id}", config),
            )
            for one in read_rejections(places.lake)
        ],
        unread=unread_sources(settings),
        alerts=overview(settings, now=now),
        hours_since_run=None if status is None else _hours_since(status.finished_at, now),
        log=str(places.run_log),
        validation=str(page) if page.exists() else None,
    )


def read_freshness(database: Path) -> list[SourceFreshness]:
    """Read each source's freshness from the published snapshot; none before the first one."""
    import warehouse

    if not database.exists():
        return []
    with closing(warehouse.connect(database, read_only=True)) as connection:
        rows = connection.execute(_FRESHNESS).fetchall()
    return [
        SourceFreshness(source=source, data_through=str(through), hours=hours)
        for source, through, hours in rows
    ]


def print_report(console: Console, report: Report) -> None:
    """Print a report in 80 columns."""
    if report.running:
        console.print(f"A run is writing: {report.running}.")
    if report.status is None:
        console.print("Nothing has run yet: start with `trustlift run`.")
        return
    _print_publishing(console, report.status, log=report.log, hours=report.hours_since_run)
    dealt_with = set_aside_since(report.status, report.rejected)
    for blocked in report.status.blocked:
        note = _SET_ASIDE if blocked.subject in dealt_with else ""
        print_blocked(console, blocked, note=note)
    if report.freshness:
        console.print(_freshness_table(report.freshness))
    for unread in report.unread:
        print_unread(console, unread)
    _print_alerts(console, report)
    if report.validation:
        console.print(Text(f"Every verdict: {report.validation}", overflow="fold"))
    for batch in report.rejected:
        console.print(Text(f"REJECTED {batch.batch}", style="yellow", overflow="fold"))
        console.print(f"  {counted(batch.rows, 'row')}, since {batch.rejected_at}: {batch.reason}")
        console.print(Text(f"  {batch.undo}", overflow="fold"))


def set_aside_since(status: Status, rejected: Sequence[RejectedBatch]) -> frozenset[str]:
    """Name the batches that were set aside after the last run judged them."""
    finished = datetime.fromisoformat(status.finished_at)
    return frozenset(
        one.batch for one in rejected if datetime.fromisoformat(one.rejected_at) >= finished
    )


def _print_alerts(console: Console, report: Report) -> None:
    alerts = report.alerts
    if alerts.is_overdue:
        console.print(f"No run has published since {alerts.last_success}: overdue.")
    console.print(Text(f"Alerts: {alerts}", overflow="fold"))
    for one in alerts.open_alerts[:_MOST_ALERTS]:
        about = f"{one.finding.severity} {one.finding.condition} in {one.finding.subject}"
        console.print(Text(f"  {about}, since {one.since}", overflow="fold"))
    beyond = len(alerts.open_alerts) - _MOST_ALERTS
    if beyond > 0:
        console.print(f"  and {beyond:,} more: `trustlift alerts` lists them.")


def _hours_since(moment: str, now: datetime) -> float:
    return round((now - datetime.fromisoformat(moment)).total_seconds() / 3600, 1)


def _print_publishing(console: Console, status: Status, *, log: str, hours: float | None) -> None:
    if status.last_published_as_of is None:
        console.print("Nothing is published yet.")
    else:
        console.print(f"Published as of {status.last_published_as_of},")
        console.print(f"  at {status.last_published_at}.")
    if status.state != "published":
        told = f": {status.message}" if status.message else ""
        console.print(f"The last run, as of {status.as_of}, {status.state}{told}.")
    if hours is not None:
        console.print(f"The last run ended {hours:,.1f} hours ago.")
    if status.state == "failed":
        console.print(Text(status.remedy, overflow="fold"))
        console.print(Text(f"The details are in {log}", overflow="fold"))


def _freshness_table(freshness: Sequence[SourceFreshness]) -> Table:
    table = Table(box=None, pad_edge=False, title="Sources, when published", title_justify="left")
    table.add_column("source")
    table.add_column("data through")
    table.add_column("hours old", justify="right")
    for one in freshness:
        table.add_row(
            one.source, one.data_through, "closed" if one.hours is None else f"{one.hours:.1f}"
        )
    return table
