"""Time until something happens, from life tables: when half have had it, and the mean wait.

A life table has, per duration at which somebody left, how many were there just before it and how
many left by the event. The others are known only until then. The curve is Kaplan and Meier's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import stats

if TYPE_CHECKING:
    from numpy.typing import NDArray

CONFIDENCE = 0.95
QUANTILE = float(stats.norm.ppf((1 + CONFIDENCE) / 2))


class LifeTable(NamedTuple):
    """Who was there, and who left by the event.

    Attributes:
        times: Durations at which somebody left, ascending and distinct; shape (n,), n >= 1.
        at_risk: How many were there just before each.
        events: How many left by the event at each; the others are censored.
    """

    times: NDArray[np.float64]
    at_risk: NDArray[np.float64]
    events: NDArray[np.float64]

    @property
    def survival(self) -> NDArray[np.float64]:
        """The share still without the event from each time on."""
        return np.cumprod(1 - self.events / self.at_risk, dtype=np.float64)

    def is_known_until(self, time: float) -> bool:
        """Say whether somebody was watched for so long, or nobody was left to watch."""
        return bool(self.times[-1] >= time or self.events[-1] == self.at_risk[-1])

    def median(self) -> float | None:
        """Give the first time by which half have had the event; None if it never comes so far."""
        below = np.flatnonzero(self.survival <= 0.5)
        return float(self.times[below[0]]) if len(below) else None

    def restricted_mean(self, horizon: float) -> tuple[float, float]:
        """Give the mean time without the event up to a horizon, and its standard error.

        Args:
            horizon: Time at which the wait is cut; the curve must be known until then.

        Returns:
            The area under the curve, and the root of Greenwood's variance of it.

        Raises:
            ValueError: Nobody was watched for so long.
        """
        if not self.is_known_until(horizon):
            raise ValueError(
                f"horizon={horizon} lies past the last time, {self.times[-1]}; choose a shorter one"
            )
        is_before = self.times < horizon
        knots = np.concatenate([[0.0], self.times[is_before], [horizon]])
        areas = np.concatenate([[1.0], self.survival[is_before]]) * np.diff(knots)
        area_after = areas[::-1].cumsum()[::-1][1:]
        events, staying = self.events[is_before], (self.at_risk - self.events)[is_before]
        # After the last one has had the event no area is left, and no variance.
        exposed = self.at_risk[is_before] * np.where(staying > 0, staying, 1.0)
        variance = float(np.sum(area_after**2 * events / exposed))
        return float(areas.sum()), float(np.sqrt(variance))
