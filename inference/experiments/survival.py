"""Waits compared: restricted means, the log-rank test and hazards, all from life tables.

A curve is Kaplan and Meier's (`LifeTable.survival`); everybody enrolled counts from the enrolment
on, so that a table starts with all of an arm at risk.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import stats

from inference.experiments.lifts import LEVEL, Lift
from inference.survival import LifeTable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


class HazardRatio(NamedTuple):
    """How many times as likely the event is at any time; NaN where an arm had none.

    Attributes:
        value: treatment over holdout.
        ci_lower: lower bound.
        ci_upper: upper bound.
    """

    value: float
    ci_lower: float
    ci_upper: float


def merged(tables: Sequence[LifeTable]) -> LifeTable:
    """Put together the life tables of people none of whom is in two of them, as of days.

    Raises:
        ValueError: there is no table.
    """
    if not tables:
        raise ValueError("no life tables to merge; leave the arm out")
    times = np.unique(np.concatenate([table.times for table in tables]))
    risks, events = zip(*(_aligned(table, times) for table in tables), strict=True)
    return LifeTable(times, np.sum(risks, axis=0), np.sum(events, axis=0))


def common_horizon(treatment: LifeTable, holdout: LifeTable, most: float) -> float:
    """Return the time up to which both curves are known, at most `most`."""
    return min(most, *(_known_until(table) for table in (treatment, holdout)))


def rmst_lift(
    treatments: Sequence[LifeTable],
    holdouts: Sequence[LifeTable],
    *,
    horizon: float,
    level: float = LEVEL,
) -> Lift:
    """Compare mean waits that are cut at a horizon, or sooner where an arm was watched for less.

    The error is the root of Greenwood's variances; p is that of z (Royston & Parmar, 2013).

    Args:
        treatments: one table a comparison.
        holdouts: the table each is compared with.
        horizon: where the wait is cut, in the tables' unit of time.
        level: of the intervals, between 0 and 1.

    Returns:
        Shape (comparisons,), in the tables' unit of time; below 0 the treatment is sooner. NaN
        where nobody of an arm was watched, bounds and p also where nobody had the event.
    """
    parts = np.full((len(treatments), 4), np.nan)
    for row, arms in enumerate(zip(treatments, holdouts, strict=True)):
        until = common_horizon(*arms, horizon)
        if until > 0:
            parts[row] = [*arms[0].restricted_mean(until), *arms[1].restricted_mean(until)]
    value, error_t, other, error_h = parts.T
    z = stats.norm.ppf((1 + level) / 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.hypot(error_t, error_h)
        error = np.where(error > 0, error, np.nan)
        span = np.exp(z * np.hypot(error_t / value, error_h / other))
        quotient = np.where(other > 0, value / other, np.nan)
    return Lift(
        treatment=value,
        holdout=other,
        absolute=value - other,
        standard_error=error,
        ci_lower=value - other - z * error,
        ci_upper=value - other + z * error,
        p_value=2 * stats.norm.sf(np.abs(value - other) / error),
        relative=quotient - 1,
        relative_ci_lower=quotient / span - 1,
        relative_ci_upper=quotient * span - 1,
    )


def log_rank(treatment: LifeTable, holdout: LifeTable) -> float:
    """Return the log-rank test's p-value, that both arms wait alike (Mantel, 1966).

    Returns:
        NaN where nobody had the event while both arms were watched.
    """
    n, d, other_n, other_d = _strata(treatment, holdout)
    both, events = n + other_n, d + other_d
    variance = n * other_n * events * (both - events) / (both**2 * np.maximum(both - 1, 1))
    if not variance.sum() > 0:
        return float("nan")
    statistic = (d - events * n / both).sum() ** 2 / variance.sum()
    return float(stats.chi2.sf(statistic, 1))


def hazard_ratio(treatment: LifeTable, holdout: LifeTable, *, level: float = LEVEL) -> HazardRatio:
    """Pool the odds of the event at each time by Mantel and Haenszel.

    At times as short as a day odds are rates: the pooled odds ratio is then the hazard ratio. The
    interval is that of its logarithm (Robins, Breslow & Greenland, 1986), by statsmodels.
    """
    from statsmodels.stats.contingency_tables import StratifiedTable

    n, d, other_n, other_d = _strata(treatment, holdout)
    if not (d.sum() > 0 and other_d.sum() > 0):
        return HazardRatio(*[float("nan")] * 3)
    tables = StratifiedTable(np.array([[d, n - d], [other_d, other_n - other_d]]))
    lower, upper = tables.oddsratio_pooled_confint(alpha=1 - level)
    return HazardRatio(float(tables.oddsratio_pooled), float(lower), float(upper))


def _strata(treatment: LifeTable, holdout: LifeTable) -> tuple[Floats, Floats, Floats, Floats]:
    """Give at risk and events of both arms, at each time when both have somebody at risk."""
    times = np.union1d(treatment.times, holdout.times)
    n, d = _aligned(treatment, times)
    other_n, other_d = _aligned(holdout, times)
    known = (n > 0) & (other_n > 0) & (d + other_d > 0)
    return n[known], d[known], other_n[known], other_d[known]


def _aligned(table: LifeTable, times: Floats) -> tuple[Floats, Floats]:
    """Give who was at risk at other times, and who had the event; the table's own among them."""
    place = np.searchsorted(table.times, times)
    at_risk = np.append(table.at_risk, 0.0)[place]
    events = np.zeros(len(times))
    events[np.searchsorted(times, table.times)] = table.events
    return at_risk, events


def _known_until(table: LifeTable) -> float:
    is_over = table.events[-1] == table.at_risk[-1]
    return float("inf") if is_over else float(table.times[-1])
