"""Put changes into words: one message for all subjects of a group that changed alike."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Literal

from orchestration.alerts.changes import Change, Kind
from orchestration.alerts.findings import Severity

_SHOWN = 5
_HEADS: dict[Kind, str] = {"opened": "{severity}", "escalated": "NOW {severity}", "recovered": "OK"}


@dataclass(frozen=True, kw_only=True)
class Message:
    """What a sink is sent, in a form that every sink can render.

    Attributes:
        message_id: The same at every attempt, so that a receiver can tell a repetition.
        at: When it was written (ISO 8601, UTC).
        kind: What happened: a change of an alert, a heartbeat or a test.
        severity: How much it matters.
        condition: What is wrong; empty if nothing is.
        group: Of what.
        title: In a line.
        text: All there is to say, in lines.
        findings: The same for machines, one a subject.
    """

    message_id: str
    at: str
    kind: Kind | Literal["heartbeat", "test"]
    severity: Severity
    title: str
    text: str
    condition: str = ""
    group: str = ""
    findings: tuple[dict[str, Any], ...] = ()


def text_of(moment: datetime) -> str:
    """Write a moment so that its text sorts as it does."""
    return moment.isoformat(timespec="seconds")


def gather(changes: Iterable[Change]) -> list[tuple[Change, ...]]:
    """Put together what is told together: one condition, group, kind and severity."""
    ordered = sorted(changes, key=lambda one: (*_together(one), one.finding.subject))
    return [tuple(together) for _, together in groupby(ordered, key=_together)]


def write(changes: Sequence[Change], *, message_id: str, at: str) -> Message:
    """Write the message on changes that `gather` put together.

    Args:
        changes: At least one.
        message_id: Its id.
        at: When (ISO 8601, UTC).
    """
    condition, group, kind, severity = _together(changes[0])
    about = changes[0].finding.subject if len(changes) == 1 else f"{len(changes)} of {group}"
    head = _HEADS[kind].format(severity=severity.upper())
    return Message(
        message_id=message_id,
        at=at,
        kind=kind,
        severity=severity,
        condition=condition,
        group=group,
        title=f"{head}: {condition.replace('_', ' ')}, {about}",
        text="\n".join(_lines(changes)),
        findings=tuple({**asdict(one.finding), "since": one.since} for one in changes),
    )


def _together(change: Change) -> tuple[str, str, Kind, Severity]:
    finding = change.finding
    return finding.condition, finding.group, change.kind, finding.severity


def _lines(changes: Sequence[Change]) -> list[str]:
    shown, first = changes[:_SHOWN], changes[0].finding
    rest = len(changes) - len(shown)
    lines = [_line(change) for change in shown] + [f"and {rest} more"] * (rest > 0)
    if changes[0].kind == "recovered":
        return [*lines, f"Owner: {first.owner}."]
    commands = [command for change in shown for command in change.finding.commands]
    lines += [text for text in (first.why, first.remedy, *commands) if text]
    return [*lines, f"Owner: {first.owner}. Look: {first.look}."]


def _line(change: Change) -> str:
    finding = change.finding
    if change.kind == "recovered":
        return f"{finding.subject}: no longer {finding.found}; it was since {change.since}."
    since = f", since {change.since}" if change.kind == "escalated" else ""
    return f"{finding.subject}: expected {finding.expected}, found {finding.found}{since}."
