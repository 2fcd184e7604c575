"""Power is statsmodels', and the days to the planned effect bring it down to it."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.stats.power import NormalIndPower

from inference.experiments.power import (
    days_to_effect,
    minimum_detectable_effect,
    planned_standard_error,
    power_at,
)
from tests.unit.inference.experiments.rows import EXACT

VARIANCE, CUSTOMERS, SHARE = 4.0, 20_000, 0.15


def test_power_is_that_of_statsmodels() -> None:
    error = planned_standard_error(VARIANCE, customers=CUSTOMERS, holdout_share=SHARE)
    held, ratio = CUSTOMERS * SHARE, (1 - SHARE) / SHARE
    library = NormalIndPower()
    for effect in (0.0, 0.01, 0.1, -0.3):
        known = library.power(effect / 2, held, 0.05, ratio=ratio)
        assert power_at(effect, error) == pytest.approx(known, rel=EXACT)
    least = minimum_detectable_effect(error)
    # One-sided at half alpha: the other tail of the two-sided test finds the effect's opposite.
    reached = library.power(least / 2, held, 0.025, ratio=ratio, alternative="larger")
    assert reached == pytest.approx(0.8, rel=EXACT)
    more = minimum_detectable_effect(error, alpha=0.01, power=0.9)
    reached = library.power(more / 2, held, 0.005, ratio=ratio, alternative="larger")
    assert reached == pytest.approx(0.9, rel=EXACT)


@pytest.mark.parametrize(
    ("customers", "share", "points"),
    [(20_000, 0.1, 1.98), (20_000, 0.15, 1.66), (100_000, 0.15, 0.74), (1_000_000, 0.1, 0.28)],
)
def test_a_holdout_of_some_size_sees_what_design_tables_say(
    customers: int, share: float, points: float
) -> None:
    error = planned_standard_error(0.1 * 0.9, customers=customers, holdout_share=share)
    assert 100 * minimum_detectable_effect(error) == pytest.approx(points, abs=0.02)


def test_after_the_days_the_effect_is_the_planned_one_and_a_day_before_it_is_not() -> None:
    error = planned_standard_error(VARIANCE, customers=CUSTOMERS, holdout_share=SHARE)
    now = minimum_detectable_effect(error)
    days = days_to_effect(now, 0.08, customers=CUSTOMERS, per_day=700)

    def after(day: float) -> float:
        grown = planned_standard_error(
            VARIANCE, customers=CUSTOMERS + 700 * day, holdout_share=SHARE
        )
        return float(minimum_detectable_effect(grown))

    assert days == round(float(days)) > 10
    assert after(float(days)) <= 0.08 < after(float(days) - 1)


def test_who_sees_it_already_waits_no_day_and_who_gets_nobody_for_ever() -> None:
    found = days_to_effect([0.1, 0.3], 0.2, customers=[10, 10], per_day=[0, 0])
    assert found.tolist() == [0, np.inf]
