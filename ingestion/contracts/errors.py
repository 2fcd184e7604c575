"""The error every rule about a contract or a custom mapping is reported with."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Violation:
    """One broken rule.

    Attributes:
        file: The file the value stands in.
        key: Dotted path of the key inside the file.
        value: The value found there.
        rule: What the value must be.
        remedy: What to do about it.
    """

    file: str
    key: str
    value: object
    rule: str
    remedy: str

    def __str__(self) -> str:
        """Return the violation as one line for people."""
        return f"{self.file}: {self.key} = {self.value!r}: {self.rule}. {self.remedy}"


class ContractError(ValueError):
    """A contract or a custom mapping breaks its rules.

    Attributes:
        violations: Every broken rule, at least one.
    """

    def __init__(self, violations: Sequence[Violation]) -> None:
        """Keep the violations and say them all."""
        super().__init__("\n".join(str(violation) for violation in violations))
        self.violations = tuple(violations)
