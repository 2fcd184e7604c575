"""What an experiment can see: its minimum detectable effect, and how long until the planned one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

ALPHA = 0.05
POWER = 0.8


def minimum_detectable_effect(
    standard_error: ArrayLike, *, alpha: float = ALPHA, power: float = POWER
) -> Floats:
    """Return the true lift that the test, at this error, finds with the given chance.

    (z of 1 − alpha/2 + z of power) · standard error: the lift's own unit, for means, shares,
    ratios and restricted means alike, for all have errors that are known.

    Args:
        standard_error: of the lift, now or as planned; any shape.
        alpha: two-sided.
        power: chance of finding it.
    """
    factor = stats.norm.ppf(1 - alpha / 2) + stats.norm.ppf(power)
    return np.asarray(np.asarray(standard_error, dtype=np.float64) * factor)


def power_at(effect: ArrayLike, standard_error: ArrayLike, *, alpha: float = ALPHA) -> Floats:
    """Return the chance that a two-sided test finds a true lift.

    Args:
        effect: the true lift, in its own unit; any shape.
        standard_error: of the lift, same unit.
        alpha: two-sided.
    """
    shift = np.asarray(effect, dtype=np.float64) / np.asarray(standard_error, dtype=np.float64)
    z = stats.norm.ppf(1 - alpha / 2)
    return np.asarray(stats.norm.sf(z - shift) + stats.norm.cdf(-z - shift))


def planned_standard_error(
    variance: ArrayLike, *, customers: ArrayLike, holdout_share: ArrayLike
) -> Floats:
    """Return the error that a lift will have, both arms being as spread as one is now.

    Args:
        variance: between customers (`ratio_variance`); any shape, as the others.
        customers: in both arms together.
        holdout_share: the holdout's part of them, between 0 and 1.
    """
    variance, customers, share = (
        np.asarray(value, dtype=np.float64) for value in (variance, customers, holdout_share)
    )
    return np.sqrt(variance / customers * (1 / share + 1 / (1 - share)))


def days_to_effect(
    effect_now: ArrayLike, planned_effect: ArrayLike, *, customers: ArrayLike, per_day: ArrayLike
) -> Floats:
    """Return in how many days the detectable effect will have come down to the planned one.

    It falls with the root of the customers, who are taken to keep coming as they do.

    Args:
        effect_now: minimum detectable effect now; any shape, as the others.
        planned_effect: the declared minimum effect, same unit.
        customers: who count now.
        per_day: how many more count each day.

    Returns:
        Whole days; 0 if it has come down already, infinity if nobody comes any more.
    """
    now, planned, customers, per_day = (
        np.asarray(value, dtype=np.float64)
        for value in (effect_now, planned_effect, customers, per_day)
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        missing = customers * ((now / planned) ** 2 - 1)
        return np.where(missing <= 0, 0.0, np.ceil(missing / per_day))
