"""What a life table says of a risk: how likely an event is by a given day, however many left early.

The estimate is Kaplan and Meier's, its variance Greenwood's. The interval is Wilson's, at the
number of people who would give that variance if nobody had left: without losses it is exactly
Wilson's of the share, and near 0 and 1 it stays inside them (Rothman's proposal of 1978).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

CONFIDENCE = 0.95


class Risk(NamedTuple):
    """The probability of the event by the end of a window, with its interval.

    Attributes:
        value: the estimate, 0-1.
        ci_lower: lower bound at `CONFIDENCE`.
        ci_upper: upper bound.
    """

    value: float
    ci_lower: float
    ci_upper: float


def risk_by(
    day: NDArray[np.int64],
    at_risk: NDArray[np.int64],
    events: NDArray[np.int64],
    *,
    window_days: int,
) -> Risk:
    """Estimate the probability of the event in days 0 to `window_days` - 1.

    Args:
        day: days with an event or a loss, each once, in any order; shape (days,).
        at_risk: people at risk at the start of each day, all above zero; shape (days,).
        events: people with the event on each day, at most those at risk; shape (days,).
        window_days: length of the window in days.

    Raises:
        ValueError: nobody is at risk, so there is no risk to speak of.
    """
    from statsmodels.stats.proportion import proportion_confint

    if not len(day):
        raise ValueError("a life table without rows has no risk; leave the group out")
    inside = day < window_days
    exposed, failed = at_risk[inside].astype(np.float64), events[inside].astype(np.float64)
    survival = float(np.prod(1 - failed / exposed))
    people = float(at_risk.max())
    if 0 < survival < 1:
        greenwood = float(np.sum(failed / (exposed * (exposed - failed))))
        people = (1 - survival) / (survival * greenwood)
    elif survival == 1 and inside.any():
        # Nobody had the event: who left early says nothing of the days after.
        people = float(exposed.min())
    lower, upper = proportion_confint(
        (1 - survival) * people, people, alpha=1 - CONFIDENCE, method="wilson"
    )
    return Risk(1 - survival, float(lower), float(upper))
