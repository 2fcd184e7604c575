"""A line of the table: what was found, and between which bounds it had to be."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

# Bands in per cent. An error of 5 % leaves the first in 1 of 20 tables of 1,000 draws; the default
# number of draws is larger, so that a sound method hardly ever does.
ERROR = (3.7, 6.4)
COVERAGE = (93.6, 96.3)
POWER = (77.5, 82.4)
SRM_ERROR = (0.04, 0.17)


class Check(NamedTuple):
    """One line of the table.

    Attributes:
        name: what was done.
        truth: what was injected.
        draws: how often.
        found: in per cent, unless the name says otherwise.
        band: between which bounds `found` has to lie, both included; None is unbounded.
        is_control: a common way that must fail, so that its band is one of failure.
    """

    name: str
    truth: str
    draws: int
    found: float
    band: tuple[float | None, float | None]
    is_control: bool = False

    @property
    def holds(self) -> bool:
        """Say whether what was found lies in the band; NaN does not."""
        lowest, highest = self.band
        return (lowest is None or self.found >= lowest) and (
            highest is None or self.found <= highest
        )


def per_cent(hits: ArrayLike) -> float:
    """Return the share of hits, in per cent."""
    return 100 * float(np.mean(np.asarray(hits)))


def covers(truth: float, lower: Floats, upper: Floats) -> float:
    """Return the share of intervals that hold the truth, in per cent."""
    return per_cent((lower <= truth) & (truth <= upper))


def markdown(checks: Iterable[Check]) -> str:
    """Write the table."""
    lines = ["| check | injected truth | draws | found | band | |", "|---|---|---|---|---|---|"]
    for check in checks:
        name = f"*control, must fail:* {check.name}" if check.is_control else check.name
        verdict = "holds" if check.holds else "**does not hold**"
        cells = [name, check.truth, f"{check.draws:,}", _number(check.found), _band(check.band)]
        lines.append(f"| {' | '.join([*cells, verdict])} |")
    return "\n".join(lines)


def _band(band: tuple[float | None, float | None]) -> str:
    lowest, highest = band
    if lowest is None:
        return f"≤ {_number(highest)}"
    return f"≥ {_number(lowest)}" if highest is None else f"{_number(lowest)} to {_number(highest)}"


def _number(value: float | None) -> str:
    return f"{value:.3g}" if value is not None and abs(value) < 1 else f"{value:.1f}"
