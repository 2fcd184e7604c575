"""What is wrong, as a run found it: the form every condition takes before it becomes an alert."""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["warning", "error", "page"]
SEVERITIES: tuple[Severity, ...] = ("warning", "error", "page")


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One condition that holds for one subject. It holds no personal data.

    Attributes:
        condition: What is wrong, such as `duplication_rate` or `run_failed`.
        subject: Of what: a batch, a mart, a source.
        group: Subjects of one group share a message, such as the batches of one table.
        severity: `warning`, `error` (publishing stops) or `page` (somebody must
            look now: nobody else would notice, or each hour makes it worse).
        owner: Who answers for it.
        expected: What was expected, in words.
        found: What was found, in words.
        figure: The figure, if there is one.
        threshold: Its limit, if there is one.
        why: Why that is a fault.
        remedy: What to do, in a sentence.
        commands: What can be run for it.
        look: Where to look.
    """

    condition: str
    subject: str
    group: str
    severity: Severity
    owner: str
    expected: str
    found: str
    figure: float | None = None
    threshold: float | None = None
    why: str = ""
    remedy: str = ""
    commands: tuple[str, ...] = ()
    look: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """What makes it the same finding in the next run."""
        return self.condition, self.subject


def is_at_least(severity: Severity, least: Severity) -> bool:
    """Tell whether a severity reaches another."""
    return SEVERITIES.index(severity) >= SEVERITIES.index(least)
