"""Compare what is found now with what is open: only a change of state is worth a message."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from orchestration.alerts.findings import SEVERITIES, Finding

Kind = Literal["opened", "escalated", "recovered"]
Key = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class OpenAlert:
    """A finding that people were told of and that has not ended.

    Attributes:
        finding: As it was last found; its severity is the highest that was told.
        since: When it was first found (ISO 8601, UTC).
    """

    finding: Finding
    since: str


@dataclass(frozen=True, kw_only=True)
class Change:
    """What is different from the last time.

    Attributes:
        kind: What happened to the alert.
        finding: What it is about.
        since: When it opened (ISO 8601, UTC).
    """

    kind: Kind
    finding: Finding
    since: str


def compare(
    before: Mapping[Key, OpenAlert], findings: Iterable[Finding], *, now: str
) -> tuple[list[Change], dict[Key, OpenAlert]]:
    """Find what opened, became worse, or is over.

    An alert that becomes milder stays as severe as it was told, so that whoever was told of it is
    also told when it ends, and nobody is told twice.

    Args:
        before: What is open, by condition and subject.
        findings: All that is found now; of two with one key the more severe counts.
        now: When it was found (ISO 8601, UTC).

    Returns:
        The changes in a fixed order, and what is open now.
    """
    worst: dict[Key, Finding] = {}
    for finding in sorted(findings, key=lambda one: SEVERITIES.index(one.severity)):
        worst[finding.key] = finding
    changes, after = [], {}
    for key, finding in sorted(worst.items()):
        known = before.get(key)
        if known is None:
            after[key] = OpenAlert(finding=finding, since=now)
            changes.append(Change(kind="opened", finding=finding, since=now))
            continue
        told, found = known.finding.severity, finding.severity
        is_worse = SEVERITIES.index(found) > SEVERITIES.index(told)
        after[key] = OpenAlert(
            finding=finding if is_worse else replace(finding, severity=told), since=known.since
        )
        if is_worse:
            changes.append(Change(kind="escalated", finding=finding, since=known.since))
    changes += [
        Change(kind="recovered", finding=known.finding, since=known.since)
        for key, known in sorted(before.items())
        if key not in worst
    ]
    return changes, after
