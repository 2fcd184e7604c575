"""Whether an experiment may be read, and what it said when."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.proportion import confint_proportions_2indep

from inference.experiment_states import states_of
from inference.experiment_weeks import infer_experiment_weeks
from inference.experiments.sums import Sums
from tests.unit.inference.experiment_worlds import (
    cell,
    day,
    days,
    enrolled,
    experiment,
    inputs,
    retained,
    shares,
    waits,
)

SAMPLE = ((3400, 4000), (780, 1000))


def today(states: pd.DataFrame) -> dict[str, Any]:
    """Give the look of today."""
    (look,) = states[states["week_start_date"].isna()].to_dict("records")
    return {str(name): value for name, value in look.items()}


def test_a_clear_lift_works() -> None:
    state = today(states_of(inputs(experiment(today=60), retained(*SAMPLE), enrolled(4000, 1000))))
    assert (state["readout_status"], state["conclusion"]) == ("ok", "works")
    assert state["absolute_lift"] == pytest.approx(0.85 - 0.78)
    lower, upper = confint_proportions_2indep(3400, 4000, 780, 1000, method="newcomb")
    assert state["lift_ci_lower"] == pytest.approx(lower)
    assert state["lift_ci_upper"] == pytest.approx(upper)
    assert (state["runtime_days"], state["followed_count"]) == (60, 5000)


@pytest.mark.parametrize(
    ("declared", "health", "status"),
    [
        ({}, enrolled(4000, 850), "srm_failed"),
        ({"today": 10}, enrolled(4000, 850), "srm_failed"),
        ({}, enrolled(4000, 1000, sum_risk_holdout=2400.0), "unbalanced"),
        ({"planned_holdout_share": 0.3}, enrolled(3500, 1500), "holdout_out_of_range"),
        ({"today": 27}, enrolled(4000, 1000), "too_early"),
        ({"planned_days": 61}, enrolled(4000, 1000), "too_early"),
        ({"planned_days": 60}, enrolled(4000, 1000), "ok"),
        (
            {"mandatory_metrics": "account_retention; csat"},
            enrolled(4000, 1000),
            "missing_mandatory_metric",
        ),
        (
            {"mandatory_metrics": "task_completion_time"},
            enrolled(4000, 1000),
            "missing_mandatory_metric",
        ),
        ({"primary_metric": "recovery_rate"}, enrolled(4000, 1000), "missing_mandatory_metric"),
    ],
)
def test_the_gravest_reason_is_the_status(
    declared: dict[str, Any], health: pd.DataFrame, status: str
) -> None:
    found = states_of(inputs(experiment(**({"today": 60} | declared)), retained(*SAMPLE), health))
    state = today(found)
    assert state["readout_status"] == status
    if status != "ok":
        assert state["conclusion"] is None
        assert np.isnan([state["absolute_lift"], state["lift_ci_lower"]]).all()


def test_few_customers_are_underpowered_unless_they_answer() -> None:
    few = states_of(inputs(experiment(today=60), retained((170, 200), (39, 50)), enrolled(200, 50)))
    state = today(few)
    assert (state["readout_status"], state["conclusion"]) == ("underpowered", "inconclusive")
    assert state["minimum_detectable_effect"] > 0.03
    assert not np.isnan(state["lift_ci_lower"])
    clear = states_of(
        inputs(experiment(today=60), retained((190, 200), (20, 50)), enrolled(200, 50))
    )
    assert today(clear)["readout_status"] == "ok"


@pytest.mark.parametrize(("held", "status"), [(29, "too_early"), (30, "underpowered")])
def test_it_is_early_until_each_arm_has_the_smallest_sample(held: int, status: str) -> None:
    sums = retained((100, 120), (held - 5, held))
    state = today(states_of(inputs(experiment(today=60), sums, enrolled(120, held))))
    assert state["readout_status"] == status
    assert np.isnan(state["absolute_lift"]) == (status == "too_early")


def test_few_answers_of_many_give_no_lift() -> None:
    """Thirty were followed, and five of them answered."""
    answers = days(
        cell(shares(500, 1000), "helpful_rate", "treatment"),
        cell(Sums.of_customers(np.ones(5)), "helpful_rate", "holdout"),
    )
    sums = pd.concat([retained(*SAMPLE), answers])
    declared = experiment(today=60, primary_metric="helpful_rate")
    state = today(states_of(inputs(declared, sums, enrolled(4000, 1000))))
    assert np.isnan(state["absolute_lift"])
    assert (state["readout_status"], state["conclusion"]) == ("underpowered", None)


@pytest.mark.parametrize("planned", [0.0, 1.0, 15.0])
def test_a_plan_without_an_arm_is_out_of_range_and_stops_nothing(planned: float) -> None:
    declared = experiment(today=60, planned_holdout_share=planned)
    state = today(states_of(inputs(declared, retained(*SAMPLE), enrolled(4000, 1000))))
    assert np.isnan(state["srm_p_value"])
    assert state["is_holdout_out_of_range"]
    assert state["readout_status"] == "holdout_out_of_range"


def test_a_metric_of_vanity_never_works() -> None:
    clicks = days(
        cell(shares(3000, 4000), "click_through_rate", "treatment"),
        cell(shares(200, 1000), "click_through_rate", "holdout"),
    )
    sums = pd.concat([retained(*SAMPLE), clicks])
    declared = experiment(today=60, primary_metric="click_through_rate")
    state = today(states_of(inputs(declared, sums, enrolled(4000, 1000))))
    assert (state["readout_status"], state["conclusion"]) == ("missing_mandatory_metric", None)


def test_neutral_counts_only_with_power() -> None:
    many = retained((32000, 40000), (8000, 10000))
    state = today(states_of(inputs(experiment(today=60), many, enrolled(40000, 10000))))
    assert state["conclusion"] == "neutral"
    assert state["is_neutral_with_power"]
    less = experiment(today=60, minimum_effect=0.012)
    state = today(states_of(inputs(less, many, enrolled(40000, 10000))))
    assert (state["conclusion"], state["is_neutral_with_power"]) == ("neutral", False)


def test_a_week_knows_only_whom_it_had_followed() -> None:
    """Customers of days 0 and 7: the second count a week later, and change nothing before."""
    early, late = retained((850, 1000), (195, 250)), retained((0, 1000), (250, 250), 7)
    health = pd.concat([enrolled(1000, 250), enrolled(1000, 250, 7)])
    both = states_of(inputs(experiment(today=70), pd.concat([early, late]), health))
    alone = states_of(inputs(experiment(today=70), early, enrolled(1000, 250)))
    by_week = both.dropna(subset=["week_start_date"]).set_index("cut_date")
    # Retention takes days 22-28: known 29 days and two for late rows after the enrolment, day 31.
    assert by_week.loc[day(28), "readout_status"] == "too_early"
    assert by_week.loc[day(35), "absolute_lift"] == pytest.approx(0.85 - 0.78)
    assert by_week.loc[day(42), "absolute_lift"] == pytest.approx(0.425 - 445 / 500)
    then = alone.dropna(subset=["week_start_date"]).set_index("cut_date")
    assert then["lift_ci_upper"].to_dict()[day(35)] == by_week["lift_ci_upper"].to_dict()[day(35)]


def test_weeks_run_from_the_start_to_the_last_that_is_over() -> None:
    rows = infer_experiment_weeks(
        *inputs(
            experiment(today=41, started_date=day(2), ended_date=day(37)),
            retained(*SAMPLE, 2),
            enrolled(4000, 1000, 2),
        )
    ).to_pandas()
    assert list(rows["week_start_date"]) == [day(7 * week).date() for week in range(5)]
    assert list(rows["is_running"]) == [True] * 5
    assert list(rows["runtime_days"]) == [5, 12, 19, 26, 33]
    assert list(rows["readout_status"]) == ["too_early"] * 4 + ["ok"]
    assert rows["absolute_lift"].isna().tolist() == [True] * 4 + [False]


def test_an_experiment_that_ended_no_longer_runs() -> None:
    weeks = infer_experiment_weeks(
        *inputs(experiment(today=50, ended_date=day(35)), retained(*SAMPLE), enrolled(4000, 1000))
    ).to_pandas()
    assert list(weeks["is_running"]) == [True] * 4 + [False] * 3
    assert list(weeks["runtime_days"][-3:]) == [35, 35, 35]


def test_a_guardrail_may_be_read_before_anything_else() -> None:
    sums = days(
        cell(shares(400, 4000), "any_opt_out_rate_7d", "treatment"),
        cell(shares(10, 1000), "any_opt_out_rate_7d", "holdout"),
    )
    weeks = infer_experiment_weeks(
        *inputs(experiment(today=14), sums, enrolled(4000, 1000))
    ).to_pandas()
    assert list(weeks["has_always_valid_harm"]) == [False, True]
    assert weeks["harm_metric"].tolist()[1] == "any_opt_out_rate_7d"
    assert list(weeks["readout_status"]) == ["too_early"] * 2
    fewer = days(
        cell(shares(10, 4000), "any_opt_out_rate_7d", "treatment"),
        cell(shares(100, 1000), "any_opt_out_rate_7d", "holdout"),
    )
    weeks = infer_experiment_weeks(
        *inputs(experiment(today=14), fewer, enrolled(4000, 1000))
    ).to_pandas()
    assert not weeks["has_always_valid_harm"].any()


def test_waits_are_cut_at_what_was_known() -> None:
    """A goal reached on day 40 was a wait still open on day 35."""
    declared = experiment(
        today=70,
        primary_metric="task_completion_time",
        minimum_effect=0.5,
        mandatory_metrics="task_completion_time",
    )
    exits = waits(
        ("treatment", 0, 10, 500, 500),
        ("treatment", 0, 67, 500, 0),
        ("holdout", 0, 40, 125, 125),
        ("holdout", 0, 67, 125, 0),
    )
    looks = states_of(inputs(declared, retained(*SAMPLE), enrolled(1000, 250), exits))
    looks = looks.dropna(subset=["week_start_date"]).set_index("cut_date")
    # Known until day 32: half of the treated left on day 10, of the others nobody.
    assert looks.loc[day(35), "absolute_lift"] == pytest.approx((-0.5 * 22) / 7)
    # Known until day 46: the others' half left on day 40.
    assert looks.loc[day(49), "absolute_lift"] == pytest.approx((-0.5 * 36 + 0.5 * 6) / 7)
    assert looks.loc[day(49), "conclusion"] == "works"


@pytest.mark.parametrize(
    ("today_day", "status", "conclusion"),
    [(184, "underpowered", "inconclusive"), (186, "ok", "neutral")],
)
def test_waits_alike_are_neutral_only_after_the_time_the_minimum_is_of(
    today_day: int, status: str, conclusion: str
) -> None:
    """With two days for late rows, day 182 is known on day 185."""
    declared = experiment(
        today=today_day, primary_metric="task_completion_time", minimum_effect=2.0
    )
    open_days = today_day - 3
    exits = waits(
        *((role, 0, 70, n, n) for role, n in (("treatment", 2000), ("holdout", 500))),
        *((role, 0, 80, n, n) for role, n in (("treatment", 1000), ("holdout", 250))),
        *((role, 0, open_days, n, 0) for role, n in (("treatment", 1000), ("holdout", 250))),
    )
    state = today(states_of(inputs(declared, retained(*SAMPLE), enrolled(4000, 1000), exits)))
    assert (state["readout_status"], state["conclusion"]) == (status, conclusion)
    assert state["is_neutral_with_power"] == (conclusion == "neutral")
    assert np.isnan(state["days_to_planned_effect"]) == (conclusion == "inconclusive")


def test_customers_who_wait_count_from_the_first_day_on() -> None:
    declared = experiment(
        today=202, primary_metric="task_completion_time", minimum_effect=0.5, planned_days=28
    )
    exits = waits(
        *((role, 0, 70, n, n) for role, n in (("treatment", 200), ("holdout", 50))),
        *((role, 0, 199, n, 0) for role, n in (("treatment", 200), ("holdout", 50))),
    )
    state = today(states_of(inputs(declared, retained(*SAMPLE), enrolled(4000, 1000), exits)))
    grown = (state["minimum_detectable_effect"] / 0.5) ** 2 - 1
    # 200 days in which customers could come, of which none is lost to a window.
    assert state["days_to_planned_effect"] == np.ceil(500 * grown / (500 / 200))


def test_who_has_ended_waits_for_no_more_customers() -> None:
    few = retained((170, 200), (39, 50)), enrolled(200, 50)
    assert today(states_of(inputs(experiment(today=60), *few)))["days_to_planned_effect"] > 0
    over = experiment(today=60, ended_date=day(50), is_running=False)
    assert np.isnan(today(states_of(inputs(over, *few)))["days_to_planned_effect"])


def test_novelty_is_a_change_of_the_lift_of_the_same_customers() -> None:
    worn = enrolled(
        4000, 1000, sum_novelty_treatment=-8000.0, sum_novelty_squared_treatment=20000.0
    )
    state = today(states_of(inputs(experiment(today=60), retained(*SAMPLE), worn)))
    assert state["is_novelty"]
    assert state["novelty_change"] == pytest.approx((-2 - 2) / 2)
    same = states_of(inputs(experiment(today=60), retained(*SAMPLE), enrolled(4000, 1000)))
    assert not today(same)["is_novelty"]


def test_novelty_is_withheld_with_everything_else() -> None:
    worn = enrolled(
        4000, 1000, sum_novelty_treatment=-8000.0, sum_novelty_squared_treatment=20000.0
    )
    state = today(states_of(inputs(experiment(today=27), retained(*SAMPLE), worn)))
    assert state["readout_status"] == "too_early"
    assert not state["is_novelty"]
    assert np.isnan([state["novelty_change"], state["novelty_change_ci_lower"]]).all()


def test_a_handful_proves_no_uneven_split() -> None:
    """All of two customers held out: chi-square, were it asked, would say .0007."""
    rows = retained(*SAMPLE)
    state = today(states_of(inputs(experiment(today=10), rows, enrolled(0, 2))))
    assert np.isnan(state["srm_p_value"])
    assert state["readout_status"] == "too_early"
    assert today(states_of(inputs(experiment(today=10), rows, enrolled(8, 17))))["is_srm_failed"]


def test_an_experiment_that_has_just_begun_has_looks_and_no_readout() -> None:
    # As the engine hands over a table without rows: columns of no type.
    nobody = retained(*SAMPLE).iloc[:0].astype({"metric_name": object, "experiment_id": object})
    state = today(states_of(inputs(experiment(today=9), nobody, enrolled(4000, 1000))))
    assert (state["readout_status"], state["followed_count"]) == ("too_early", 0)
