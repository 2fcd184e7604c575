"""Write down how a run ended, for the validation history: at its end, whatever the end was."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from duckdb import DuckDBPyConnection

from orchestration.alerts import ledger
from orchestration.figures import GATES, gate_counts, source_rows
from orchestration.hints import command_line
from orchestration.progress import LOGGER
from orchestration.segments import HYGIENE_AND_CORE
from orchestration.stamps import stage_seconds
from orchestration.status import Blocked, Status, read_status, write_status
from report import (
    Findings,
    Page,
    Refusal,
    RunRecord,
    find,
    prune_records,
    write_pages,
    write_record,
)
from report.pages import OpenAlert, SetAside

if TYPE_CHECKING:
    from orchestration.run import Run


def write_history(run: "Run", *, started_at: datetime, finished_at: datetime) -> None:
    """Add a run to the history and write its pages; a fault here changes nothing about the run.

    A run of a part of the graph that neither failed nor was blocked came to nothing to be told.

    Args:
        run: The run, which has ended.
        started_at: When it began (UTC).
        finished_at: When it ended (UTC).
    """
    try:
        status = read_status(run.places.status)
        if status is None or status.run_id != run.run_id:
            return
        status = replace(status, finished_at=finished_at.isoformat(timespec="seconds"))
        write_status(run.places.status, status)
        seconds = (finished_at - started_at).total_seconds()
        with run.connect() as connection:
            record, findings = describe(connection, status, as_of=run.as_of, seconds=seconds)
        folder = run.places.validation
        write_record(folder, record)
        prune_records(folder, keep=run.settings.retention.validation_runs)
        write_pages(
            folder,
            Page(
                record=record,
                findings=findings,
                next_step=next_step(run, status),
                published_as_of=status.last_published_as_of,
                set_aside=set_aside(run),
                alerts=open_alerts(run),
            ),
        )
    except Exception as error:  # noqa: BLE001 - a page that fails must not undo what was published
        kind = type(error).__name__
        LOGGER.warning("validation history of run %s not written: %s", run.run_id, kind)


def describe(
    connection: DuckDBPyConnection, status: Status, *, as_of: datetime, seconds: float
) -> tuple[RunRecord, Findings]:
    """Read what a run came to and what it found, as far as it came.

    Args:
        connection: The build database.
        status: How it ended.
        as_of: The moment it looked from.
        seconds: How long it took.
    """
    built = dict(stage_seconds(connection, run_id=status.run_id))
    has_hygiene = HYGIENE_AND_CORE in built
    gates = [gate for gate, stage in GATES.items() if stage in built]
    record = RunRecord(
        run_id=status.run_id,
        state=status.state,
        as_of=as_of.astimezone(UTC),
        finished_at=datetime.fromisoformat(status.finished_at),
        seconds=round(seconds, 1),
        message=status.message,
        rows=source_rows(connection) if has_hygiene else (),
        verdicts=gate_counts(connection, built) if gates else {},
        refusals=tuple(refusal(one) for one in status.blocked),
    )
    return record, find(connection, as_of=record.as_of, gates=gates, has_hygiene=has_hygiene)


def next_step(run: "Run", status: Status) -> str:
    """Say what is to be done about a run that did not publish; empty if it did."""
    again = f"Next: {command_line('trustlift run', run.config_file)}"
    if status.state == "failed":
        return f"{status.remedy} The details are in {run.places.run_log}. {again}"
    return f"Deal with all that blocks. {again}" if status.state == "blocked" else ""


def refusal(blocked: Blocked) -> Refusal:
    """Say of a refusal what a reader of the pages needs."""
    return Refusal(
        subject=blocked.subject,
        source=blocked.source,
        owner=blocked.owner,
        expectation=blocked.expectation,
        found=blocked.found,
        remedy=blocked.remedy,
        commands=blocked.commands,
    )


def open_alerts(run: "Run") -> Sequence[OpenAlert]:
    """List the alerts that are open."""
    return [
        OpenAlert(
            condition=alert.finding.condition,
            subject=alert.finding.subject,
            severity=alert.finding.severity,
            since=alert.since,
            text=f"expected {alert.finding.expected}, found {alert.finding.found}",
        )
        for alert in ledger.open_alerts(run.places.alerts)
    ]


def set_aside(run: "Run") -> Sequence[SetAside]:
    """List the batches that people have set aside."""
    from ingestion.rejections import read_rejections

    return [
        SetAside(
            batch=one.batch_id,
            reason=one.reason,
            since=one.rejected_at,
            rows=one.rows,
            undo=command_line(f"trustlift restore {one.batch_id}", run.config_file),
        )
        for one in read_rejections(run.places.lake)
    ]
