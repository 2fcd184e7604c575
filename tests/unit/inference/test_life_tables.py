"""The risk by a day: against statsmodels person by person, and against Wilson where nobody left."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from statsmodels.duration.survfunc import SurvfuncRight
from statsmodels.stats.proportion import proportion_confint

from inference.life_tables import Risk, risk_by

DAYS = 28


def table(time: np.ndarray, is_event: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    people = pd.DataFrame({"day": time, "events": is_event}).groupby("day")["events"]
    days = people.agg(["size", "sum"]).sort_index()
    at_risk = days["size"][::-1].cumsum()[::-1]
    return days.index.to_numpy(), at_risk.to_numpy(), days["sum"].to_numpy(dtype=np.int64)


def people(rng: np.random.Generator, count: int, hazard: float, loss: float) -> Risk:
    event, lost = rng.geometric(hazard, count) - 1, rng.geometric(loss, count) - 1
    return risk_by(*table(np.minimum(event, lost), event <= lost), window_days=DAYS)


def test_estimate_and_variance_are_those_of_the_people() -> None:
    rng = np.random.default_rng(5)
    event, lost = rng.geometric(0.02, 400) - 1, rng.geometric(0.03, 400) - 1
    time, is_event = np.minimum(event, lost), event <= lost
    curve = SurvfuncRight(time + 1, is_event)
    place = np.searchsorted(curve.surv_times, DAYS, side="right") - 1
    risk = risk_by(*table(time, is_event), window_days=DAYS)
    assert risk.value == pytest.approx(1 - curve.surv_prob[place], abs=1e-12)
    effective = risk.value * (1 - risk.value) / curve.surv_prob_se[place] ** 2
    wilson = proportion_confint(risk.value * effective, effective, method="wilson")
    assert (risk.ci_lower, risk.ci_upper) == pytest.approx(wilson, abs=1e-9)


def test_without_losses_it_is_the_share_with_wilsons_interval() -> None:
    time = np.array([0] * 2 + [3] * 3 + [40] * 45)
    risk = risk_by(*table(time, time < 40), window_days=DAYS)
    assert risk == pytest.approx((0.1, *proportion_confint(5, 50, method="wilson")), abs=1e-12)


def test_day_of_the_window_s_end_is_outside_it() -> None:
    day, at_risk, events = np.array([27, 28]), np.array([10, 9]), np.array([1, 9])
    assert risk_by(day, at_risk, events, window_days=DAYS).value == pytest.approx(0.1)


def test_no_event_is_no_certainty() -> None:
    """Of fifty, forty left before the end: ten were followed, and so much is known."""
    day, at_risk, events = np.array([5, 27]), np.array([50, 10]), np.array([0, 0])
    risk = risk_by(day, at_risk, events, window_days=DAYS)
    assert risk == pytest.approx((0, *proportion_confint(0, 10, method="wilson")), abs=1e-12)


def test_everybody_is_a_certainty_of_wilson() -> None:
    risk = risk_by(np.array([0]), np.array([20]), np.array([20]), window_days=DAYS)
    assert risk == pytest.approx((1, *proportion_confint(20, 20, method="wilson")), abs=1e-12)


def test_a_table_of_nobody_is_refused() -> None:
    nobody = np.array([], dtype=np.int64)
    with pytest.raises(ValueError, match="leave the group out"):
        risk_by(nobody, nobody, nobody, window_days=DAYS)


def test_interval_covers_the_truth_also_where_people_leave() -> None:
    rng = np.random.default_rng(11)
    truth = 1 - (1 - 0.004) ** DAYS
    risks = [people(rng, 120, 0.004, 0.02) for _ in range(600)]
    covered = np.mean([risk.ci_lower <= truth <= risk.ci_upper for risk in risks])
    assert 0.93 <= covered <= 0.985
