"""Turn what others judged into findings: gates, runs, changes of schema, silence."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.alerts.findings import Finding
from orchestration.hints import command_line
from warehouse import counted, show_figure

if TYPE_CHECKING:
    from expectations.verdicts import GateReport, Verdict

OWNER = "data-engineering"
RUN = "run"
SCHEDULE = "schedule"
CORRECT_AND_RUN = "Correct what the log names and run again."
_NOTHING = "*"


def gate_findings(
    report: "GateReport",
    *,
    config_file: Path,
    as_of: datetime,
    warnings_for_days: int,
    look: str,
) -> list[Finding]:
    """Find what did not pass a gate; every threshold alerts without more words.

    A warning about a day is dropped when the day is long past: nobody sets such a batch aside, so
    its alert would stay open for good.

    Args:
        report: All verdicts of the gate.
        config_file: The user's configuration, for the commands.
        as_of: The moment the run looks from.
        warnings_for_days: How long a warning about a day is news.
        look: Where every verdict can be seen.
    """
    oldest = as_of.date() - timedelta(days=warnings_for_days)
    verdicts = [
        verdict
        for verdict in (*report.blocked, *report.warnings)
        if verdict.severity == "error" or (_day_of(verdict) or date.max) >= oldest
    ]
    judged = [verdict for verdict in verdicts if verdict.subject != _NOTHING]
    nothing = [verdict for verdict in verdicts if verdict.subject == _NOTHING]
    return [
        *(_of_verdict(verdict, config_file, look) for verdict in judged),
        *(_nothing_to_judge(verdict, look) for verdict in nothing[:1]),
    ]


def run_failed(message: str, *, log: Path, remedy: str = "") -> Finding:
    """Say that the pipeline could not do its work.

    Args:
        message: Which stage and how; no data.
        log: Where the details are.
        remedy: What to do; empty for what the log says.
    """
    return Finding(
        condition="run_failed",
        subject="pipeline",
        group="pipeline",
        severity="error",
        owner=OWNER,
        expected="a run that ends with a verdict",
        found=message,
        why="Nothing new is published until a run succeeds; what was published stays.",
        remedy=remedy or CORRECT_AND_RUN,
        commands=(),
        look=str(log),
    )


def run_overdue(last: datetime | None, *, expected_every: timedelta, config_file: Path) -> Finding:
    """Say that no run has succeeded for too long.

    Args:
        last: When the last one did; None if none ever has.
        expected_every: How often one should.
        config_file: The user's configuration, for the commands.
    """
    hours = int(expected_every.total_seconds() // 3600)
    return Finding(
        condition="run_overdue",
        subject="pipeline",
        group="pipeline",
        severity="page",
        owner=OWNER,
        expected=f"a run that publishes every {counted(hours, 'hour')}",
        found=f"none since {last:%Y-%m-%d %H:%M} UTC" if last else "none so far",
        why="A pipeline that does not run raises no alert of its own.",
        remedy="See whether the schedule is on and what the last run came to.",
        commands=(command_line("trustlift status", config_file),),
        look=command_line("trustlift status", config_file),
    )


def drift_findings(
    rows: Iterable[tuple[str, str, str, str, str, str, int]], *, look: str
) -> list[Finding]:
    """Find where a source's columns are no longer those of its contract.

    Values that do not fit are left to the gates, which judge their rate.

    Args:
        rows: Source, table, kind of difference, column, type expected, type found, rows.
        look: Where all differences can be seen.
    """
    return [
        Finding(
            condition="schema_drift",
            subject=f"{source}/{table}: {column}",
            group=f"{source}/{table}",
            severity="warning" if kind == "new_column" else "error",
            owner=OWNER,
            expected=expected or "no such column",
            found=f"{kind.replace('_', ' ')} {found or ''}".strip()
            + f", {counted(row_count, 'row')}",
            figure=float(row_count),
            why=(
                "The contract does not know the column: it is kept, and nothing reads it."
                if kind == "new_column"
                else "What cannot be read, or lacks a required column, is in quarantine as a whole."
            ),
            remedy=f"Ask the source, or correct ingestion/contracts/{source}.yml.",
            look=look,
        )
        for source, table, kind, column, expected, found, row_count in rows
        if kind != "unfit_value"
    ]


def _day_of(verdict: "Verdict") -> date | None:
    """Give the received day that a subject is about; a source as a whole is about none."""
    day = verdict.received_date
    return day if day is not None and verdict.subject.endswith(day.isoformat()) else None


def pull_findings(source: str, *, state: str, message: str, config_file: Path) -> list[Finding]:
    """Find whether a live source could not be read in whole.

    Args:
        source: Its name.
        state: How its last pull ended.
        message: What could not be read, and what to do; holds no data and no secret.
        config_file: The user's configuration, for the commands.
    """
    if state != "failed":
        return []
    return [
        Finding(
            condition="source_not_read",
            subject=source,
            group=source,
            severity="error",
            owner=OWNER,
            expected="a source that can be read in whole",
            found=message,
            why="What it delivered so far is landed, the other sources go on, and it grows old.",
            remedy="The next run reads on from where this one stopped.",
            look=command_line("trustlift status", config_file),
        )
    ]


def _of_verdict(verdict: "Verdict", config_file: Path, look: str) -> Finding:
    remedy = verdict.remedy
    whole = [name for name in (verdict.source_name, verdict.table_name) if name]
    commands = remedy.commands if remedy else ()
    return Finding(
        condition=verdict.metric,
        subject=verdict.subject,
        group="/".join(whole) or verdict.gate,
        severity=verdict.severity,
        owner=verdict.owner,
        expected=verdict.expectation,
        found=f"no figure: {verdict.fault}" if verdict.fault else show_figure(verdict.value),
        figure=verdict.value,
        threshold=verdict.threshold,
        why=verdict.why,
        remedy=remedy.text if remedy else "",
        commands=tuple(command_line(command, config_file) for command in commands),
        look=look,
    )


def _nothing_to_judge(verdict: "Verdict", look: str) -> Finding:
    remedy = verdict.remedy
    return Finding(
        condition="nothing_to_judge",
        subject=verdict.gate,
        group=verdict.gate,
        severity="error",
        owner=verdict.owner,
        expected="something to judge",
        found="nothing",
        why="Where nothing is judged, nothing is found.",
        remedy=remedy.text if remedy else "",
        look=look,
    )
