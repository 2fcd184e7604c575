"""The bounds of repeated looks keep their error, by independent arithmetic."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from inference.experiments.lifts import ratio_lift
from inference.experiments.sequential import (
    always_valid_proportions,
    confidence_sequence,
    obrien_fleming_bound,
    obrien_fleming_constant,
)
from inference.experiments.sums import Sums
from tests.unit.inference.experiments.rows import EXACT


def test_the_constants_are_the_published_ones() -> None:
    """Jennison and Turnbull (2000), table 2.3, for 5 % two-sided."""
    found = [obrien_fleming_constant(looks) for looks in (1, 2, 3, 4, 5, 10)]
    assert found == pytest.approx([1.960, 1.977, 2.004, 2.024, 2.040, 2.087], abs=5e-4)
    assert obrien_fleming_constant(4, 0.01) == pytest.approx(2.609, abs=5e-4)


def test_two_looks_leave_the_bounds_as_often_as_the_binormal_says() -> None:
    for alpha in (0.05, 0.01):
        first, last = obrien_fleming_bound([1, 2], 2, alpha)
        both = stats.multivariate_normal(cov=[[1, np.sqrt(0.5)], [np.sqrt(0.5), 1]])
        inside = both.cdf([first, last], lower_limit=[-first, -last])
        assert 1 - inside == pytest.approx(alpha, rel=EXACT)


def test_earlier_looks_ask_for_more() -> None:
    bounds = obrien_fleming_bound(np.arange(1, 5), 4)
    assert bounds == pytest.approx(2.024295 * np.sqrt(4 / np.arange(1, 5)), abs=1e-6)
    with pytest.raises(ValueError, match="looks=0"):
        obrien_fleming_constant(0)


def test_a_confidence_sequence_is_the_formula_on_rows() -> None:
    """Two samples, whose error times the root of n is the published formula's σ."""
    rng = np.random.default_rng(1)
    y, other = rng.normal(1, 2, 3000), rng.normal(0.9, 1, 500)
    error = np.sqrt(y.var(ddof=1) / 3000 + other.var(ddof=1) / 500)
    n, alpha, tuned = 3500.0, 0.05, 5000.0
    rho2 = (-2 * np.log(alpha) + np.log(-2 * np.log(alpha) + 1)) / tuned
    inner = 2 * (n * rho2 + 1) / (n**2 * rho2) * np.log(np.sqrt(n * rho2 + 1) / alpha)
    half = error * np.sqrt(n) * np.sqrt(inner)
    lift = y.mean() - other.mean()
    found = confidence_sequence(lift, error, n, tuned_for=tuned)
    assert found == pytest.approx((lift - half, lift + half), rel=EXACT)
    assert half == pytest.approx(2.98 * error, rel=0.05)


def test_a_confidence_sequence_is_narrowest_where_it_is_tuned_and_wider_than_one_look() -> None:
    n = np.array([500.0, 5_000.0, 50_000.0])
    _, half = confidence_sequence(np.zeros(3), np.ones(3), n, tuned_for=5_000)
    assert half[1] < half[0]
    assert half[1] < half[2]
    assert (half > 1.96).all()
    with pytest.raises(ValueError, match="tuned_for=0"):
        confidence_sequence(0, 1, 10, tuned_for=0)


def test_no_opt_out_of_a_small_holdout_yet_is_no_harm() -> None:
    """17 of 850 and none of 150: where both were the same, every tenth holdout would have none."""
    treated, held = (
        Sums.of_means(np.array([n]), np.array([yes]), np.array([yes]))
        for n, yes in ((850, 17), (150, 0))
    )
    own = ratio_lift(treated, held)
    naive, _ = confidence_sequence(own.absolute, own.standard_error, 1000, tuned_for=5_000)
    lower, upper = always_valid_proportions(treated, held, tuned_for=5_000)
    error = np.sqrt(0.017 * (1 - 0.017) * (1 / 850 + 1 / 150))
    known = confidence_sequence(17 / 850, error, 1000, tuned_for=5_000)
    assert (lower[0], upper[0]) == pytest.approx(known, rel=EXACT)
    assert lower[0] < 0 < naive[0]
