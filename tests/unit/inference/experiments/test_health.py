"""The checks of an experiment's health are those of libraries, and allow for chance."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

from inference.experiments.health import (
    balance_p_values,
    holdout_is_out_of_range,
    is_unbalanced,
    srm_p_value,
)
from inference.experiments.sums import Sums
from tests.unit.inference.experiments.rows import EXACT, customers


def test_the_split_is_tested_as_by_scipy() -> None:
    counts = np.array([[850, 190, 0], [5000, 2610, 2390], [8500, 1500, 0]])
    shares = np.array([[0.85, 0.15, 0], [0.5, 0.25, 0.25], [85, 15, 0]])
    expected = [
        float(stats.chisquare(row[:arms], row.sum() * share[:arms] / share.sum()).pvalue)
        for row, share, arms in zip(counts, shares, (2, 3, 2), strict=True)
    ]
    assert srm_p_value(counts, shares) == pytest.approx(expected, rel=EXACT)
    assert expected[2] == 1


def test_a_split_nobody_can_judge_is_nan_and_one_nobody_planned_is_refused() -> None:
    assert np.isnan(srm_p_value(np.array([[0, 0], [20, 0]]), np.array([[0.8, 0.2], [1, 0]]))).all()
    with pytest.raises(ValueError, match="share of 0"):
        srm_p_value([[20, 1]], [[1, 0]])


def test_balance_is_statsmodels_z_test_of_each_covariate() -> None:
    treated = [customers(900, seed=n) for n in range(3)]
    held = [customers(300, seed=n) for n in range(5, 8)]
    arms = [Sums.of_customers(np.array([rows.c for rows in arm])) for arm in (treated, held)]
    expected = [
        CompareMeans(DescrStatsW(one.c), DescrStatsW(other.c)).ztest_ind(usevar="unequal")[1]
        for one, other in zip(treated, held, strict=True)
    ]
    assert balance_p_values(*arms) == pytest.approx(expected, rel=EXACT)
    alike = Sums.of_customers(np.ones((1, 9)))
    others = Sums.of_customers(np.full((1, 9), 2.0))
    assert np.isnan(balance_p_values(alike, alike)).all()
    assert np.isnan(balance_p_values(alike, others)).all()


def test_more_covariates_share_one_chance_of_a_false_alarm() -> None:
    p_values = np.array([0.0004, 0.0004, 0.9, 0.5, np.nan, 0.0009])
    experiments = np.array([0, 1, 1, 1, 2, 2])
    assert is_unbalanced(p_values, experiments).tolist() == [True, False, False, False, False, True]


def test_a_holdout_is_out_of_range_only_beyond_chance() -> None:
    held, total = (
        np.array([95, 800, 9500, 2300, 0, 0]),
        np.array([1000, 10000, 100000, 10000, 100, 0]),
    )
    found = holdout_is_out_of_range(held, total, lowest=0.1, highest=0.2)
    assert found.tolist() == [False, True, True, True, True, False]
