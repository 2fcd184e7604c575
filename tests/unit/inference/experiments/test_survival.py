"""Waits from life tables are those of statsmodels on one row a customer."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from statsmodels.duration.survfunc import SurvfuncRight, survdiff
from statsmodels.stats.contingency_tables import StratifiedTable

from inference.experiments.survival import (
    common_horizon,
    hazard_ratio,
    log_rank,
    merged,
    rmst_lift,
)
from inference.survival import LifeTable
from tests.unit.inference.experiments.rows import EXACT, waits

TREATED, HELD = waits(900, seed=1, scale=70.0), waits(250, seed=2, scale=90.0)
HORIZON = 120.0


def life_table(durations: np.ndarray, is_event: np.ndarray) -> LifeTable:
    times = np.unique(durations)
    at_risk = [float((durations >= time).sum()) for time in times]
    events = [float((is_event & (durations == time)).sum()) for time in times]
    return LifeTable(times.astype(float), np.array(at_risk), np.array(events))


def arms() -> tuple[LifeTable, LifeTable]:
    return life_table(*TREATED), life_table(*HELD)


def restricted_mean(durations: np.ndarray, is_event: np.ndarray) -> tuple[float, float]:
    """Give the area under statsmodels' curve, and Greenwood's variance, event by event."""
    curve = SurvfuncRight(durations, is_event.astype(int))
    times = curve.surv_times[curve.surv_times < HORIZON]
    shares = curve.surv_prob[: len(times)]
    widths = np.diff([0.0, *times, HORIZON])
    areas = np.array([1.0, *shares]) * widths
    n, d = curve.n_risk[: len(times)], curve.n_events[: len(times)]
    after = [areas[place + 1 :].sum() for place in range(len(times))]
    return float(areas.sum()), float(np.sum(np.square(after) * d / (n * (n - d))))


def test_a_curve_is_that_of_statsmodels() -> None:
    curve, table = SurvfuncRight(TREATED[0], TREATED[1].astype(int)), arms()[0]
    at_events = np.isin(table.times, curve.surv_times)
    assert table.survival[at_events] == pytest.approx(curve.surv_prob, rel=EXACT)


def test_a_difference_of_restricted_means_is_that_of_the_librarys_curves() -> None:
    (mean, variance), (other, other_variance) = restricted_mean(*TREATED), restricted_mean(*HELD)
    lift = rmst_lift([arms()[0]], [arms()[1]], horizon=HORIZON)
    error = np.sqrt(variance + other_variance)
    assert lift.absolute[0] == pytest.approx(mean - other, rel=EXACT)
    assert lift.standard_error[0] == pytest.approx(error, rel=EXACT)
    assert lift.ci_upper[0] == pytest.approx(
        mean - other + stats.norm.ppf(0.975) * error, rel=EXACT
    )
    assert lift.p_value[0] == pytest.approx(2 * stats.norm.sf(abs(mean - other) / error), rel=EXACT)
    assert lift.relative[0] == pytest.approx(mean / other - 1, rel=EXACT)
    spread = np.exp(stats.norm.ppf(0.975) * np.sqrt(variance / mean**2 + other_variance / other**2))
    assert lift.relative_ci_lower[0] == pytest.approx(mean / other / spread - 1, rel=EXACT)


def test_the_log_rank_test_is_that_of_statsmodels() -> None:
    group = np.repeat([0, 1], [len(TREATED[0]), len(HELD[0])])
    durations, is_event = (np.concatenate(pair) for pair in zip(TREATED, HELD, strict=True))
    known = survdiff(durations, is_event.astype(int), group)[1]
    assert known < 0.2
    assert log_rank(*arms()) == pytest.approx(known, rel=EXACT)


def test_a_hazard_ratio_pools_the_days_on_which_both_arms_are_watched() -> None:
    days = np.unique(TREATED[0][TREATED[1]].tolist() + HELD[0][HELD[1]].tolist())
    tables = [
        [
            [(e & (t == day)).sum(), (t >= day).sum() - (e & (t == day)).sum()]
            for t, e in (TREATED, HELD)
        ]
        for day in days
        if (TREATED[0] >= day).any() and (HELD[0] >= day).any()
    ]
    known = StratifiedTable([np.array(table, dtype=float) for table in tables])
    expected = [known.oddsratio_pooled, *known.oddsratio_pooled_confint()]
    assert hazard_ratio(*arms()) == pytest.approx(expected, rel=EXACT)
    assert hazard_ratio(*arms()).value == pytest.approx(90 / 70, rel=0.15)


def test_life_tables_of_days_are_that_of_all_customers() -> None:
    day = np.random.default_rng(3).integers(0, 20, len(TREATED[0]))
    daily = [life_table(TREATED[0][day == n], TREATED[1][day == n]) for n in range(20)]
    for found, known in zip(merged(daily), arms()[0], strict=True):
        assert found == pytest.approx(known, rel=EXACT)
    with pytest.raises(ValueError, match="no life tables"):
        merged([])


def test_waits_are_cut_where_an_arm_was_not_watched_any_longer() -> None:
    short = life_table(np.array([10.0, 40.0, 40.0]), np.array([True, False, False]))
    over = life_table(np.array([10.0, 20.0]), np.array([True, True]))
    assert common_horizon(short, arms()[1], 120) == 40
    assert common_horizon(over, arms()[1], 120) == 120
    cut = rmst_lift([short], [arms()[1]], horizon=120)
    assert cut.treatment[0] == pytest.approx((10 + 40 + 40) / 3)
    unwatched = life_table(np.array([0.0, 0.0]), np.array([False, False]))
    assert np.isnan(rmst_lift([unwatched], [short], horizon=120).absolute[0])


def test_without_events_there_is_no_test_and_no_interval() -> None:
    table = life_table(np.array([50.0, 60.0]), np.array([False, False]))
    assert np.isnan(log_rank(table, table))
    assert np.isnan(hazard_ratio(table, arms()[1]).value)
    lift = rmst_lift([table], [table], horizon=50)
    assert lift.absolute[0] == 0
    assert np.isnan([lift.ci_lower[0], lift.p_value[0]]).all()
