"""Let the expectations judge, and say what blocks, to whom, and what to do."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from duckdb import DuckDBPyConnection

from expectations import batches, kpis, marts, sources
from expectations.verdicts import NOTHING
from orchestration.alerts.conditions import gate_findings
from orchestration.hints import command_line
from orchestration.run import Run
from orchestration.segments import BATCH_GATE, MART_GATE
from orchestration.status import Blocked
from warehouse import counted

if TYPE_CHECKING:
    from expectations.verdicts import GateReport, Verdict


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What a gate found: how many verdicts, how many warnings, and what blocks."""

    verdict_count: int
    warning_count: int
    blocked: tuple[Blocked, ...]


def judge_batches(run: Run) -> Judged:
    """Judge every batch received, and every source."""
    return _judge(run, BATCH_GATE, batches.run, sources.run)


def judge_marts(run: Run) -> Judged:
    """Judge every mart against its expectations and the last publish, and what KPIs say."""

    def judge(connection: DuckDBPyConnection) -> "GateReport":
        return marts.run(
            connection,
            published=run.places.published,
            as_of=run.as_of,
            is_live=run.settings.sources.is_live,
        )

    return _judge(run, MART_GATE, judge, partial(kpis.run, as_of=run.as_of))


def _judge(
    run: Run, stage_name: str, *judges: Callable[[DuckDBPyConnection], "GateReport"]
) -> Judged:
    with run.stage(stage_name, "python") as stage, run.connect() as connection:
        reports = [judge(connection) for judge in judges]
        for report in reports:
            _alert(run, report)
        judged = Judged(
            verdict_count=sum(len(report.verdicts) for report in reports),
            warning_count=sum(len(report.warnings) for report in reports),
            blocked=tuple(
                one for report in reports for one in describe_all(report.blocked, run.config_file)
            ),
        )
        stage.result = (
            f"{counted(judged.verdict_count, 'verdict')}, "
            f"{counted(judged.warning_count, 'warning')}, "
            f"{len(judged.blocked):,} blocking"
        )
    if judged.blocked:
        run.announce_blocked(judged.blocked)
    return judged


def _alert(run: Run, report: "GateReport") -> None:
    findings = gate_findings(
        report,
        config_file=run.config_file,
        as_of=run.as_of,
        warnings_for_days=run.settings.alerts.warnings_for_days,
        look=str(run.places.validation / "index.html"),
    )
    run.observe(report.gate, findings)


def describe_all(verdicts: Sequence["Verdict"], config_file: Path) -> tuple[Blocked, ...]:
    """Say what blocks; that there was nothing to judge is one refusal, not one a rule."""
    blocked = tuple(describe(verdict, config_file) for verdict in verdicts)
    if not blocked or {one.subject for one in blocked} != {NOTHING}:
        return blocked
    gate = verdicts[0].gate
    return (replace(blocked[0], subject=f"all {gate}", expectation=f"{gate} to judge"),)


def describe(verdict: "Verdict", config_file: Path) -> Blocked:
    """Say what a refusal is about, and what can be run for it."""
    remedy = verdict.remedy
    return Blocked(
        subject=verdict.subject,
        source=verdict.source_name or verdict.gate,
        owner=verdict.owner,
        expectation=verdict.expectation,
        figure=verdict.value,
        threshold=verdict.threshold,
        fault=verdict.fault or "",
        remedy=remedy.text if remedy else "",
        commands=tuple(
            command_line(command, config_file) for command in (remedy.commands if remedy else ())
        ),
    )
