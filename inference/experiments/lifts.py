"""Lifts of means, proportions and ratios, plain and adjusted by the time before (CUPED)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from inference.experiments.sums import Sums

    Floats = NDArray[np.float64]

LEVEL = 0.95
# Residual sums of squares are differences of large sums: what is this small beside them is zero.
_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class Lift:
    """Treatment against holdout; all of one shape, NaN where there is nothing to say.

    Attributes:
        treatment: the metric in the treatment, in its own unit.
        holdout: the metric in the holdout.
        absolute: treatment minus holdout.
        standard_error: of the absolute lift.
        ci_lower: lower bound of the absolute lift.
        ci_upper: upper bound.
        p_value: two-sided, of no difference.
        relative: absolute lift as a share of the holdout; NaN unless the holdout is above 0.
        relative_ci_lower: lower bound of the relative lift; NaN unless both arms are above 0.
        relative_ci_upper: upper bound.
    """

    treatment: Floats
    holdout: Floats
    absolute: Floats
    standard_error: Floats
    ci_lower: Floats
    ci_upper: Floats
    p_value: Floats
    relative: Floats
    relative_ci_lower: Floats
    relative_ci_upper: Floats


def ratio(sums: Sums) -> Floats:
    """Return each cell's metric, Σy / Σx: the mean or the share where x is 1."""
    return _over(sums.y, sums.x)


def ratio_variance(sums: Sums) -> Floats:
    """Return the variance between customers of what each adds to the ratio.

    By the delta method: of (y − R·x) / mean of x, with n − 1 (Deng, Knoblich & Lu, 2018). Divided
    by n it is the ratio's squared standard error; where x is 1 it is the sample variance of y.

    Returns:
        One a cell; NaN with fewer than two customers or a denominator of 0 or less.
    """
    return _variance(sums.n, (sums.yy, sums.xy, sums.xx), sums.y, sums.x)


def ratio_lift(treatment: Sums, holdout: Sums, *, level: float = LEVEL) -> Lift:
    """Compare ratios or means by Welch's t, the errors clustered by customer.

    The relative lift's interval is that of the logarithm of the arms' quotient, by the delta
    method. Both are tea-tasting's `RatioOfMeans` with unequal variances.

    Args:
        treatment: the treated cells; shape (comparisons,).
        holdout: the cell each is compared with, same shape.
        level: of the intervals, between 0 and 1.

    Returns:
        Bounds and p are NaN where an arm has fewer than two customers or neither shows a spread.
    """
    return _compare(
        (ratio(treatment), ratio_variance(treatment), treatment.n),
        (ratio(holdout), ratio_variance(holdout), holdout.n),
        level=level,
    )


def cuped_lift(treatment: Sums, holdout: Sums, *, level: float = LEVEL) -> Lift:
    """Compare as `ratio_lift`, less what the time before says of each customer.

    The coefficient is that of both arms together: cov / var of the customers' (linearised) values
    now and before, so that it is the same in both (Deng, Xu, Kohavi & Walker, 2013). It is
    tea-tasting's `RatioOfMeans` with covariates.

    Args:
        treatment: the treated cells, with c and d; shape (comparisons,).
        holdout: the cell each is compared with, same shape.
        level: of the intervals, between 0 and 1.

    Returns:
        NaN throughout where the time before shows no spread: then there is nothing to adjust by.
    """
    total = treatment + holdout
    before_total = _over(total.c, total.d)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = _variance(total.n, (total.cc, total.cd, total.dd), total.c, total.d)
        slope = np.where(spread > 0, _covariance(total) / spread, np.nan)

    def adjusted(arm: Sums) -> tuple[Floats, Floats, Floats]:
        before = _variance(arm.n, (arm.cc, arm.cd, arm.dd), arm.c, arm.d)
        variance = ratio_variance(arm) + slope**2 * before - 2 * slope * _covariance(arm)
        value = ratio(arm) - slope * (_over(arm.c, arm.d) - before_total)
        return value, np.maximum(variance, 0.0), arm.n

    return _compare(adjusted(treatment), adjusted(holdout), level=level)


def variance_kept(plain: Lift, adjusted: Lift) -> Floats:
    """Return the share of the lift's variance that an adjustment leaves; 1 − ρ² for CUPED."""
    return _over(adjusted.standard_error**2, plain.standard_error**2)


def proportion_lift(treatment: Sums, holdout: Sums, *, level: float = LEVEL) -> Lift:
    """Compare shares of customers: y counts those with a yes among n.

    The interval of the difference is Newcombe's of two Wilson intervals (1998, method 10), that of
    the quotient Katz's (1978), p that of z with the pooled share; all as in statsmodels. Unlike
    Welch's they hold where few or none say yes. Interval and p may differ at the very edge.

    Args:
        treatment: the treated cells; shape (comparisons,).
        holdout: the cell each is compared with, same shape.
        level: of the intervals, between 0 and 1.

    Returns:
        p is NaN where all or none say yes, the relative bounds where an arm has no yes.
    """
    z = stats.norm.ppf((1 + level) / 2)
    yes, n, other_yes, other_n = treatment.y, treatment.n, holdout.y, holdout.n
    share, other = _over(yes, n), _over(other_yes, other_n)
    absolute = share - other
    (low, high), (other_low, other_high) = _wilson(share, n, z), _wilson(other, other_n, z)
    with np.errstate(divide="ignore", invalid="ignore"):
        lower = absolute - np.hypot(share - low, other_high - other)
        upper = absolute + np.hypot(high - share, other - other_low)
        error = np.sqrt(share * (1 - share) / n + other * (1 - other) / other_n)
        p_value = 2 * stats.norm.sf(np.abs(absolute / pooled_error(treatment, holdout)))
        quotient = np.where(other > 0, share / other, np.nan)
        log_error = np.sqrt(1 / yes - 1 / n + 1 / other_yes - 1 / other_n)
        span = np.where((yes > 0) & (other_yes > 0), np.exp(z * log_error), np.nan)
    return Lift(
        treatment=share,
        holdout=other,
        absolute=absolute,
        standard_error=error,
        ci_lower=lower,
        ci_upper=upper,
        p_value=p_value,
        relative=quotient - 1,
        relative_ci_lower=quotient / span - 1,
        relative_ci_upper=quotient * span - 1,
    )


def pooled_error(treatment: Sums, holdout: Sums) -> Floats:
    """Return the standard error of a difference of shares where both are one and the same.

    Unlike an arm's own it is not 0 before the first yes of a small holdout.

    Args:
        treatment: the treated cells, y counting those with a yes among n; shape (comparisons,).
        holdout: the cell each is compared with, same shape.

    Returns:
        0 where all or none say yes, NaN where nobody was asked.
    """
    share = _over(treatment.y + holdout.y, treatment.n + holdout.n)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.sqrt(share * (1 - share) * (1 / treatment.n + 1 / holdout.n))


def _compare(
    treatment: tuple[Floats, Floats, Floats],
    holdout: tuple[Floats, Floats, Floats],
    *,
    level: float,
) -> Lift:
    """Compare two values, each with its variance between customers and their number."""
    (value, variance, n), (other, other_variance, other_n) = treatment, holdout
    quantile = (1 + level) / 2
    # A mean near 0 bounds no quotient: its span is then infinite.
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        error, freedom = _welch(variance / n, n, other_variance / other_n, other_n)
        half = stats.t.ppf(quantile, freedom) * error
        p_value = 2 * stats.t.sf(np.abs(value - other) / error, freedom)
        log_error, log_freedom = _welch(
            variance / n / value**2, n, other_variance / other_n / other**2, other_n
        )
        quotient = np.where(other > 0, value / other, np.nan)
        span = np.exp(stats.t.ppf(quantile, log_freedom) * log_error)
        span = np.where((value > 0) & (other > 0), span, np.nan)
    return Lift(
        treatment=value,
        holdout=other,
        absolute=value - other,
        standard_error=error,
        ci_lower=value - other - half,
        ci_upper=value - other + half,
        p_value=p_value,
        relative=quotient - 1,
        relative_ci_lower=quotient / span - 1,
        relative_ci_upper=quotient * span - 1,
    )


def _welch(squared: Floats, n: Floats, other: Floats, other_n: Floats) -> tuple[Floats, Floats]:
    """Give a difference's standard error and degrees of freedom, of its parts' squared errors."""
    both = squared + other
    freedom = both**2 / (squared**2 / (n - 1) + other**2 / (other_n - 1))
    # Where nobody differs from anybody there is an error of nothing, but no proof of it.
    return np.where(both > 0, np.sqrt(both), np.nan), freedom


def _variance(n: Floats, products: tuple[Floats, Floats, Floats], y: Floats, x: Floats) -> Floats:
    """Give the linearised variance of Σy / Σx; products are those of y·y, x·y and x·x."""
    yy, xy, xx = products
    value = _over(y, x)
    squares = yy - 2 * value * xy + value**2 * xx
    scale = yy + 2 * np.abs(value * xy) + value**2 * xx
    squares = np.where(squares > _ROUNDING * scale, squares, squares * 0.0)
    return _over(squares, n - 1) / _over(x, n) ** 2


def _covariance(sums: Sums) -> Floats:
    """Give the linearised covariance of the metric now and before."""
    now, before = _over(sums.y, sums.x), _over(sums.c, sums.d)
    products = sums.yc - now * sums.xc - before * sums.yd + now * before * sums.xd
    return _over(products, sums.n - 1) / _over(sums.x, sums.n) / _over(sums.d, sums.n)


def _wilson(share: Floats, n: Floats, z: float) -> tuple[Floats, Floats]:
    with np.errstate(divide="ignore", invalid="ignore"):
        middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
        half = z * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    return middle - half, middle + half


def _over(top: Floats, bottom: Floats) -> Floats:
    """Divide, NaN where the divisor is not above 0."""
    result = np.full(np.shape(bottom), np.nan)
    np.divide(top, bottom, out=result, where=np.asarray(bottom) > 0)
    return result
