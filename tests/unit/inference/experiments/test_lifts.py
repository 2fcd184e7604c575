"""Lifts from sums are those of libraries on one row a customer."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import tea_tasting as tt
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep, proportions_ztest

from inference.experiments.lifts import (
    Lift,
    cuped_lift,
    proportion_lift,
    ratio_lift,
    ratio_variance,
    variance_kept,
)
from inference.experiments.sums import Sums
from tests.unit.inference.experiments.rows import EXACT, Rows, customers

TREATED, HELD = customers(1700, seed=1, lift=0.03), customers(400, seed=2)


def one(values: np.ndarray, **others: np.ndarray) -> Sums:
    """Sum one arm, as a cell."""
    return Sums.of_customers(values[None], **{name: of[None] for name, of in others.items()})


def whole(rows: Rows) -> Sums:
    return one(rows.y, x=rows.x, c=rows.c, d=rows.d)


def frame() -> pd.DataFrame:
    """All customers, for tea-tasting."""
    arms = [pd.DataFrame(vars(rows)).assign(variant=n) for n, rows in enumerate((HELD, TREATED))]
    return pd.concat(arms, ignore_index=True)


def assert_is(lift: Lift, expected: tt.metrics.MeanResult) -> None:
    names = {
        "treatment": "treatment",
        "holdout": "control",
        "absolute": "effect_size",
        "ci_lower": "effect_size_ci_lower",
        "ci_upper": "effect_size_ci_upper",
        "p_value": "pvalue",
        "relative": "rel_effect_size",
        "relative_ci_lower": "rel_effect_size_ci_lower",
        "relative_ci_upper": "rel_effect_size_ci_upper",
    }
    found = {name: getattr(lift, name)[0] for name in names}
    known = {name: getattr(expected, other) for name, other in names.items()}
    assert found == pytest.approx(known, rel=EXACT)


def test_a_lift_of_means_is_welchs_t_test_on_rows() -> None:
    lift = ratio_lift(one(TREATED.y), one(HELD.y))
    test = stats.ttest_ind(TREATED.y, HELD.y, equal_var=False)
    interval = test.confidence_interval(0.95)
    found = [lift.p_value[0], lift.ci_lower[0], lift.ci_upper[0]]
    assert found == pytest.approx([test.pvalue, interval.low, interval.high], rel=EXACT)
    assert lift.absolute[0] == pytest.approx(TREATED.y.mean() - HELD.y.mean(), rel=EXACT)
    assert ratio_variance(one(HELD.y))[0] == pytest.approx(HELD.y.var(ddof=1), rel=EXACT)


def test_a_lift_of_ratios_has_the_error_of_a_regression_clustered_by_customer() -> None:
    """The regression's rows are a customer's parts: x rows of y / x each, and a few customers."""
    lift = ratio_lift(whole(TREATED), whole(HELD))
    for rows, value in ((TREATED, lift.treatment[0]), (HELD, lift.holdout[0])):
        group = np.repeat(np.arange(len(rows.y)), rows.x.astype(int))
        fit = sm.OLS((rows.y / rows.x)[group], np.ones(len(group))).fit(
            cov_type="cluster", cov_kwds={"groups": group, "use_correction": False}
        )
        n = len(rows.y)
        assert value == pytest.approx(fit.params[0], rel=EXACT)
        error = np.sqrt(ratio_variance(whole(rows))[0] / n)
        assert error == pytest.approx(fit.bse[0] * np.sqrt(n / (n - 1)), rel=EXACT)


def test_plain_and_adjusted_lifts_are_those_of_tea_tasting_on_rows() -> None:
    rows = frame()
    metrics = {
        "ratio": tt.RatioOfMeans("y", "x", use_t=True, equal_var=False),
        "cuped_ratio": tt.RatioOfMeans("y", "x", "c", "d", use_t=True, equal_var=False),
        "mean": tt.Mean("y", use_t=True, equal_var=False),
        "cuped_mean": tt.Mean("y", "c", use_t=True, equal_var=False),
    }
    known = tt.Experiment(metrics).analyze(rows, control=0)
    arms = whole(TREATED), whole(HELD)
    means = one(TREATED.y, c=TREATED.c), one(HELD.y, c=HELD.c)
    assert_is(ratio_lift(*arms), known["ratio"])
    assert_is(cuped_lift(*arms), known["cuped_ratio"])
    assert_is(ratio_lift(*means), known["mean"])
    assert_is(cuped_lift(*means), known["cuped_mean"])


def test_an_adjusted_mean_is_the_difference_of_what_a_regression_leaves() -> None:
    lift = cuped_lift(one(TREATED.y, c=TREATED.c), one(HELD.y, c=HELD.c))
    y, c = np.concatenate([TREATED.y, HELD.y]), np.concatenate([TREATED.c, HELD.c])
    left = y - sm.OLS(y, sm.add_constant(c)).fit().params[1] * c
    test = stats.ttest_ind(left[: len(TREATED.y)], left[len(TREATED.y) :], equal_var=False)
    interval = test.confidence_interval(0.95)
    found = [lift.p_value[0], lift.ci_lower[0], lift.ci_upper[0]]
    assert found == pytest.approx([test.pvalue, interval.low, interval.high], rel=EXACT)


def test_an_adjusted_ratio_is_an_adjusted_mean_of_linearised_rows() -> None:
    """Linearised about the ratios of both arms, whose coefficient it takes."""
    lift = cuped_lift(whole(TREATED), whole(HELD))
    y, x, c, d = (np.concatenate([getattr(TREATED, k), getattr(HELD, k)]) for k in "yxcd")
    now = (y - y.sum() / x.sum() * x) / x.mean()
    before = (c - c.sum() / d.sum() * d) / d.mean()
    slope = sm.OLS(now, sm.add_constant(before)).fit().params[1]
    ratios = [rows.y.sum() / rows.x.sum() for rows in (TREATED, HELD)]
    earlier = [rows.c.sum() / rows.d.sum() for rows in (TREATED, HELD)]
    expected = (ratios[0] - ratios[1]) - slope * (earlier[0] - earlier[1])
    assert lift.absolute[0] == pytest.approx(expected, rel=EXACT)


def test_the_time_before_makes_lifts_sharper_where_customers_stay_as_they_are() -> None:
    kept = variance_kept(
        ratio_lift(whole(TREATED), whole(HELD)), cuped_lift(whole(TREATED), whole(HELD))
    )
    assert 0.2 < kept[0] < 0.8


@pytest.mark.parametrize("counts", [(330, 1700, 60, 400), (3, 1700, 1, 400), (0, 90, 4, 80)])
def test_a_lift_of_shares_is_that_of_statsmodels(counts: tuple[int, int, int, int]) -> None:
    yes, n, other_yes, other_n = counts
    arms = [one((np.arange(size) < some) * 1.0) for some, size in ((yes, n), (other_yes, other_n))]
    lift = proportion_lift(*arms)
    interval = confint_proportions_2indep(*counts, compare="diff", method="newcomb")
    p_value = proportions_ztest([yes, other_yes], [n, other_n])[1]
    found = [lift.ci_lower[0], lift.ci_upper[0], lift.p_value[0]]
    assert found == pytest.approx([*interval, p_value], rel=EXACT)
    relative = [lift.relative_ci_lower[0], lift.relative_ci_upper[0]]
    if yes:
        quotients = confint_proportions_2indep(*counts, compare="ratio", method="log")
        assert relative == pytest.approx([bound - 1 for bound in quotients], rel=EXACT)
    else:
        assert np.isnan(relative).all()


def test_sums_of_days_give_the_lift_of_all_customers() -> None:
    rng = np.random.default_rng(3)
    lifts = []
    for rows in (TREATED, HELD):
        day = rng.integers(0, 40, len(rows.y))
        cells = [
            whole(Rows(*(values[day == n] for values in vars(rows).values()))) for n in range(40)
        ]
        daily = Sums(*(np.concatenate([getattr(s, f) for s in cells]) for f in Sums.__slots__))
        lifts.append((daily.merged(np.zeros(40, dtype=np.int64)), whole(rows)))
    for function in (ratio_lift, cuped_lift):
        merged, at_once = (function(*(pair[place] for pair in lifts)) for place in (0, 1))
        for name in Lift.__slots__:
            assert getattr(merged, name) == pytest.approx(getattr(at_once, name), rel=EXACT), name


def test_what_cannot_be_said_is_nan() -> None:
    alone, alike, none = one(np.array([3.0])), one(np.full(9, 3.0)), one(np.zeros(9))
    varied = one(HELD.y)
    assert np.isnan(ratio_lift(alone, varied).p_value).all()
    assert np.isnan(ratio_lift(alike, alike).ci_lower).all()
    assert not np.isnan(ratio_lift(alike, varied).p_value).any()
    assert np.isnan(ratio_lift(varied, none).relative).all()
    assert np.isnan(ratio_lift(none, varied).relative_ci_lower).all()
    assert np.isnan(cuped_lift(varied, varied).absolute).all()
    assert np.isnan(proportion_lift(none, none).p_value).all()
    assert proportion_lift(none, none).ci_upper[0] > 0


def test_a_small_spread_about_a_large_mean_counts_and_rounding_does_not() -> None:
    """Σy² − (Σy)²/n loses digits: six of sixteen here, and all of them where nobody differs."""
    rng = np.random.default_rng(6)
    high, other = 1_000 + rng.normal(0.2, 1, 900), 1_000 + rng.normal(0, 1, 300)
    lift = ratio_lift(one(high), one(other))
    assert lift.p_value[0] == pytest.approx(
        stats.ttest_ind(high, other, equal_var=False).pvalue, rel=1e-6
    )
    assert not any(ratio_variance(one(np.full(n, 0.1)))[0] for n in range(700, 800))
