"""From evaluations to verdicts: a row per subject and rule, and a report of what blocks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd
import pyarrow as pa

from expectations.frames import judged_rows
from expectations.thresholds import DEFAULT_SCOPE
from warehouse import counted, show_figure

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping, Sequence, Set
    from datetime import date

    from expectations.suites import Evaluation
    from expectations.thresholds import Limit, Severity

Status = Literal["passed", "failed", "not_evaluated"]

RESULTS = pa.schema(
    [
        pa.field("gate", pa.string(), nullable=False),
        pa.field("subject", pa.string(), nullable=False),
        pa.field("source_name", pa.string()),
        pa.field("table_name", pa.string()),
        pa.field("received_date", pa.date32()),
        pa.field("metric", pa.string(), nullable=False),
        pa.field("value", pa.float64()),
        pa.field("threshold_min", pa.float64()),
        pa.field("threshold_max", pa.float64()),
        pa.field("row_count", pa.int64()),
        pa.field("severity", pa.string(), nullable=False),
        pa.field("status", pa.string(), nullable=False),
        pa.field("owner", pa.string(), nullable=False),
        pa.field("why", pa.string(), nullable=False),
    ]
)
_TOLD = ("subject", "source_name", "table_name", "received_date", "row_count")
NOTHING = "*"
"""Subject of a rule that found no frame at all to judge."""


@dataclass(frozen=True)
class Remedy:
    """What to do about a failure.

    Attributes:
        text: in a sentence.
        commands: what can be run for it.
    """

    text: str
    commands: tuple[str, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """One rule's word on one subject.

    Attributes:
        gate: `batches` or `marts`.
        subject: the batch `source/table/date`, the mart, or `*` where there was nothing to judge.
        source_name: of a batch, as the next two.
        table_name: see `source_name`.
        received_date: see `source_name`.
        metric: what was judged.
        value: the figure; None if there is none.
        threshold_min: smallest that passes; None for none.
        threshold_max: largest that passes; None for none.
        row_count: rows of the subject.
        severity: whether a failure stops publishing.
        status: the word.
        owner: who answers for the threshold.
        why: why the threshold is what it is.
        fault: why it could not be evaluated.
        remedy: what to do, if it did not pass.
    """

    gate: str
    subject: str
    source_name: str | None
    table_name: str | None
    received_date: date | None
    metric: str
    value: float | None
    threshold_min: float | None
    threshold_max: float | None
    row_count: int | None
    severity: Severity
    status: Status
    owner: str
    why: str
    fault: str | None = None
    remedy: Remedy | None = None

    @property
    def expectation(self) -> str:
        """What was expected, such as `duplication_rate at most 0.15`."""
        bounds = {"at least": self.threshold_min, "at most": self.threshold_max}
        words = " and ".join(
            f"{word} {show_figure(b)}" for word, b in bounds.items() if b is not None
        )
        return f"{self.metric} {words}"

    @property
    def threshold(self) -> float | None:
        """The bound that was broken; the only one, if it was not evaluated; else None."""
        low, high = self.threshold_min, self.threshold_max
        if low is None or high is None:
            return high if low is None else low
        if self.value is None or low <= self.value <= high:
            return None
        return low if self.value < low else high

    def describe(self) -> str:
        """Say in one line what was found, against what, in what, and what to do."""
        if self.status == "not_evaluated":
            found = f"could not be evaluated: {self.fault}"
        else:
            rows = "" if self.row_count is None else f" on {counted(self.row_count, 'row')}"
            found = f"found {show_figure(self.value)}{rows}"
        remedy = f" {self.remedy.text}" if self.remedy else ""
        return f"{self.subject}: expected {self.expectation}, {found} (owner {self.owner}).{remedy}"


@dataclass(frozen=True)
class GateReport:
    """What a gate found.

    Attributes:
        gate: `batches` or `marts`.
        verdicts: one per judged subject and rule, in order.
    """

    gate: str
    verdicts: tuple[Verdict, ...]

    @property
    def blocked(self) -> tuple[Verdict, ...]:
        """What stops publishing: error rules that failed or could not be evaluated."""
        return self._not_passed({"error"})

    @property
    def warnings(self) -> tuple[Verdict, ...]:
        """What doesn't stop it: other rules that failed or could not be evaluated."""
        return self._not_passed({"warning", "page"})

    @property
    def is_blocked(self) -> bool:
        """Whether publishing stops."""
        return bool(self.blocked)

    def count(self, status: Status) -> int:
        """Count the verdicts of a status."""
        return sum(verdict.status == status for verdict in self.verdicts)

    def _not_passed(self, severities: Set[Severity]) -> tuple[Verdict, ...]:
        return tuple(v for v in self.verdicts if v.severity in severities and v.status != "passed")


def conclude(
    gate: str,
    frame: pd.DataFrame,
    *,
    limits: Sequence[Limit],
    evaluations: Mapping[str, Evaluation],
    advise: Callable[[Verdict], Remedy],
) -> GateReport:
    """Give each judged subject and rule its verdict.

    Args:
        gate: `batches` or `marts`.
        frame: made by `frames.prepare`.
        limits: one per rule and scope.
        evaluations: by limit key.
        advise: what to do about a verdict that isn't `passed`.
    """
    verdicts: list[Verdict] = []
    for limit in limits:
        evaluation = evaluations[limit.key]
        # What a verdict says, and no more: turning a column into objects costs as much as judging.
        told = [name for name in dict.fromkeys((*_TOLD, limit.metric)) if name in frame]
        rows = judged_rows(frame, limit)[told].to_dict("records")
        verdicts.extend(_judge(gate, row, limit=limit, evaluation=evaluation) for row in rows)
    ordered = sorted(verdicts, key=_order)
    return GateReport(gate=gate, verdicts=tuple(_advise(v, advise) for v in ordered))


def conclude_nothing(gate: str, *, limits: Sequence[Limit], remedy: Remedy) -> GateReport:
    """Report that there was nothing to judge, which is not the same as nothing to object to."""
    verdicts = [
        _verdict(
            gate,
            {"subject": NOTHING},
            limit=limit,
            status="not_evaluated",
            fault="there is nothing to judge",
            remedy=remedy,
        )
        for limit in limits
        if limit.scope == DEFAULT_SCOPE
    ]
    return GateReport(gate=gate, verdicts=tuple(sorted(verdicts, key=_order)))


def to_table(report: GateReport) -> pa.Table:
    """Return the verdicts as a table of schema `RESULTS`, in the report's order."""
    rows = [{name: getattr(verdict, name) for name in RESULTS.names} for verdict in report.verdicts]
    return pa.Table.from_pylist(rows, schema=RESULTS)


def _judge(
    gate: str, row: Mapping[Hashable, Any], *, limit: Limit, evaluation: Evaluation
) -> Verdict:
    fault = evaluation.fault
    if fault is None and pd.isna(row[limit.metric]):
        fault = f"{limit.metric} is NULL"
    status: Status = "failed" if row["subject"] in evaluation.failing else "passed"
    return _verdict(
        gate, row, limit=limit, status=status if fault is None else "not_evaluated", fault=fault
    )


def _verdict(
    gate: str,
    row: Mapping[Hashable, Any],
    *,
    limit: Limit,
    status: Status,
    fault: str | None,
    remedy: Remedy | None = None,
) -> Verdict:
    value, row_count = row.get(limit.metric), row.get("row_count")
    received = row.get("received_date")
    return Verdict(
        gate=gate,
        subject=row["subject"],
        source_name=row.get("source_name"),
        table_name=row.get("table_name"),
        received_date=None if pd.isna(received) else pd.Timestamp(received).date(),
        metric=limit.metric,
        value=_number(value),
        threshold_min=limit.min,
        threshold_max=limit.max,
        row_count=None if row_count is None else int(row_count),
        severity=limit.severity,
        status=status,
        owner=limit.owner,
        why=limit.why,
        fault=fault,
        remedy=remedy,
    )


def _number(value: object) -> float | None:
    """Return a figure as such; what is none (a metric of a wrong type) has no figure to show."""
    if isinstance(value, int | float) and not pd.isna(value):
        return float(value)
    return None


def _advise(verdict: Verdict, advise: Callable[[Verdict], Remedy]) -> Verdict:
    return verdict if verdict.status == "passed" else replace(verdict, remedy=advise(verdict))


def _order(verdict: Verdict) -> tuple[str, str, str, float, float]:
    low, high = verdict.threshold_min, verdict.threshold_max
    return (
        verdict.subject,
        verdict.metric,
        verdict.severity,
        float("-inf") if low is None else low,
        float("inf") if high is None else high,
    )
