"""Whether an experiment is fit to be read: shares as planned, arms alike before it began."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from inference.experiments.lifts import ratio, ratio_variance

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from inference.experiments.sums import Sums

    Floats = NDArray[np.float64]

SIGNIFICANCE = 0.001


def srm_p_value(counts: ArrayLike, shares: ArrayLike) -> Floats:
    """Return how likely so uneven a split is, where customers were drawn as planned (chi-square).

    Args:
        counts: customers by arm before any exclusion; shape (experiments, arms).
        shares: planned shares, of any sum; same shape, or (arms,). An arm with share 0 does not
            exist, so that experiments may have different numbers of them.

    Returns:
        Shape (experiments,); NaN without customers or with fewer than two arms.

    Raises:
        ValueError: an arm with a planned share of 0 has customers.
    """
    observed = np.asarray(counts, dtype=np.float64)
    planned = np.broadcast_to(np.asarray(shares, dtype=np.float64), observed.shape)
    if np.any((planned <= 0) & (observed > 0)):
        raise ValueError("an arm with a planned share of 0 has customers; name its share")
    with np.errstate(divide="ignore", invalid="ignore"):
        total = observed.sum(axis=-1, keepdims=True)
        expected = total * planned / planned.sum(axis=-1, keepdims=True)
        parts = np.where(planned > 0, (observed - expected) ** 2 / expected, 0.0)
    freedom = (planned > 0).sum(axis=-1) - 1
    p_value = stats.chi2.sf(parts.sum(axis=-1), np.maximum(freedom, 1))
    return np.where((total[..., 0] > 0) & (freedom > 0), p_value, np.nan)


def balance_p_values(treatment: Sums, holdout: Sums) -> Floats:
    """Return how likely so unlike means are where chance assigned, by z with unequal variances.

    Args:
        treatment: sums of a covariate known before the assignment; shape (covariates,).
        holdout: the same in the holdout.

    Returns:
        Shape (covariates,); NaN where neither arm shows a spread.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        squared = ratio_variance(treatment) / treatment.n + ratio_variance(holdout) / holdout.n
        z = (ratio(treatment) - ratio(holdout)) / np.sqrt(np.where(squared > 0, squared, np.nan))
    return np.asarray(2 * stats.norm.sf(np.abs(z)))


def is_unbalanced(
    p_values: Floats, experiments: NDArray[np.int64], significance: float = SIGNIFICANCE
) -> NDArray[np.bool_]:
    """Say of each covariate whether it differs by more than chance, k of them being looked at.

    Bonferroni: below `significance` / k. A standardised difference of .1, the common rule, is
    crossed by chance alone in small arms and by nothing real in large ones.

    Args:
        p_values: of `balance_p_values`; shape (covariates,).
        experiments: the experiment each belongs to, from 0 on; same shape.
        significance: chance of a false alarm per experiment.
    """
    known = ~np.isnan(p_values)
    number = np.bincount(experiments, known)[experiments] if len(p_values) else p_values
    return known & (p_values * number < significance)


def holdout_is_out_of_range(
    holdout_count: ArrayLike,
    count: ArrayLike,
    *,
    lowest: float,
    highest: float,
    significance: float = SIGNIFICANCE,
) -> NDArray[np.bool_]:
    """Say whether the holdout's share lies outside of policy by more than chance.

    A holdout planned at the very edge would else be out of range every other time: the whole of
    Wilson's interval has to lie outside.

    Args:
        holdout_count: customers of the holdout; shape (experiments,).
        count: customers of all arms, same shape.
        lowest: smallest share allowed.
        highest: largest share allowed.
        significance: of the interval, two-sided.
    """
    from statsmodels.stats.proportion import proportion_confint

    held, total = (np.asarray(value, dtype=np.float64) for value in (holdout_count, count))
    with np.errstate(divide="ignore", invalid="ignore"):
        lower, upper = proportion_confint(held, total, alpha=significance, method="wilson")
    return np.asarray((upper < lowest) | (lower > highest), dtype=np.bool_)
