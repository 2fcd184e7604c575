"""Every metric of every variation and segment against the holdout."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from inference.experiment_readouts import infer_experiment_readouts
from inference.experiments.sums import Sums
from tests.unit.inference.experiment_worlds import (
    cell,
    days,
    enrolled,
    experiment,
    inputs,
    retained,
    shares,
    waits,
)

SAMPLE = ((3400, 4000), (780, 1000))


def readouts(
    sums: pd.DataFrame, *, exits: pd.DataFrame | None = None, **declared: Any
) -> pd.DataFrame:
    """Read an experiment of 60 days, by metric, variation and segment."""
    one = experiment(**({"today": 60} | declared))
    frames = inputs(one, sums, enrolled(4000, 1000), exits)
    rows: pd.DataFrame = infer_experiment_readouts(*frames).to_pandas()
    return rows


def row_of(
    rows: pd.DataFrame, metric: str, variation: str = "treatment", segment: str = "all"
) -> dict[str, Any]:
    """Give the one row of a metric."""
    key = ["metric_name", "variation_id", "segment_value"]
    found = rows[(rows[key] == [metric, variation, segment]).all(axis=1)]
    (row,) = found.to_dict("records")
    return {str(name): value for name, value in row.items()}


def are_missing(row: dict[str, Any], *names: str) -> bool:
    """Say whether none of the columns has a value."""
    return all(pd.isna(row[name]) for name in names)


def both(metric: str, treated: Sums, held: Sums, **other: Any) -> pd.DataFrame:
    """Give a metric of both arms."""
    return days(cell(treated, metric, "treatment", **other), cell(held, metric, "holdout", **other))


def test_a_relative_metric_is_judged_by_its_share_of_the_holdout() -> None:
    rng = np.random.default_rng(1)
    treated, held = rng.normal(11.5, 2, 4000), rng.normal(10, 2, 1000)
    money = both("net_revenue_28d", Sums.of_customers(treated), Sums.of_customers(held))
    row = row_of(readouts(pd.concat([retained(*SAMPLE), money])), "net_revenue_28d")
    welch = stats.ttest_ind(treated, held, equal_var=False)
    assert row["absolute_lift"] == pytest.approx(treated.mean() - held.mean())
    assert row["p_value"] == pytest.approx(welch.pvalue, rel=1e-6)
    assert row["variance"] == pytest.approx(treated.var(ddof=1))
    assert row["relative_lift"] == pytest.approx(treated.mean() / held.mean() - 1)
    # 15 % more, and at least 10 % was worth having.
    assert (row["minimum_effect"], row["conclusion"]) == (0.1, "works")
    assert 0 < row["minimum_detectable_effect"] < 0.05


def test_the_primary_metric_has_its_declared_minimum_and_others_the_seeds() -> None:
    rows = readouts(retained(*SAMPLE), minimum_effect=0.08)
    primary = row_of(rows, "account_retention")
    assert (primary["minimum_effect"], primary["conclusion"]) == (0.08, "inconclusive")
    other = row_of(rows, "any_opt_out_rate_28d")
    assert other["minimum_effect"] == 0.01


def test_the_holdout_and_what_only_the_treated_have_are_levels() -> None:
    answers = Sums.of_customers(np.arange(4000) < 2400)
    helpful = days(cell(answers, "helpful_rate", "treatment"))
    rows = readouts(pd.concat([retained(*SAMPLE), helpful]))
    level = row_of(rows, "helpful_rate")
    assert level["mean"] == pytest.approx(0.6)
    assert pd.isna(level["absolute_lift"])
    held = row_of(rows, "account_retention", "holdout")
    assert held["mean"] == pytest.approx(0.78)
    assert are_missing(held, "absolute_lift", "holdout_count", "conclusion")


def test_a_ratio_of_few_answers_is_withheld_however_many_were_asked() -> None:
    rng = np.random.default_rng(2)
    asked = rng.permutation(np.arange(4000) < 29).astype(float)
    few = Sums.of_customers(asked * (np.arange(4000) % 2), asked)
    clicks = both("click_through_rate", few, shares(500, 1000))
    row = row_of(readouts(pd.concat([retained(*SAMPLE), clicks])), "click_through_rate")
    assert row["customer_count"] == 4000
    assert row["denominator"] == 29
    assert are_missing(row, "mean", "absolute_lift")


def test_a_segment_concludes_only_if_it_holds_among_all() -> None:
    """A segment at p = .03 is one of twenty looked at; one at p < .0001 is not chance."""
    segments = [retained((3200, 4000), (800, 1000))]
    for number in range(20):
        arms = ((820, 1000), (180, 250)) if number else ((872, 1000), (205, 250))
        segments.append(
            retained(*arms).assign(segment_type="risk_segment", segment_value=f"s{number}")
        )
    strong = readouts(pd.concat(segments))
    assert row_of(strong, "account_retention", segment="s0")["p_value"] < 0.05
    assert row_of(strong, "account_retention", segment="s1")["conclusion"] == "works"
    same = [
        retained((800, 1000), (200, 250)).assign(
            segment_type="risk_segment", segment_value=f"t{number}"
        )
        for number in range(20)
    ]
    weak = readouts(pd.concat([segments[0], segments[1], *same]))
    row = row_of(weak, "account_retention", segment="s0")
    assert row["p_value"] < 0.05 < row["fdr_p_value"]
    assert row["absolute_lift_ci_lower"] > 0
    assert row["conclusion"] == "inconclusive"


def test_the_time_before_narrows_the_interval() -> None:
    rng = np.random.default_rng(3)
    arms = []
    for size, lift in ((4000, 0.2), (1000, 0.0)):
        before = rng.normal(10, 2, size)
        arms.append(Sums.of_customers(before + rng.normal(lift, 1, size), c=before))
    sums = pd.concat([retained(*SAMPLE), both("net_revenue_28d", *arms)])
    row = row_of(readouts(sums), "net_revenue_28d")
    plain = row["absolute_lift_ci_upper"] - row["absolute_lift_ci_lower"]
    adjusted = row["cuped_lift_ci_upper"] - row["cuped_lift_ci_lower"]
    assert adjusted < plain / 2
    assert row["cuped_lift_ci_lower"] < 0.2 < row["cuped_lift_ci_upper"]


def test_early_only_guardrails_speak() -> None:
    harmed = both("any_opt_out_rate_7d", shares(600, 4000), shares(30, 1000))
    rows = readouts(pd.concat([retained(*SAMPLE).iloc[:1], harmed]), today=14)
    row = row_of(rows, "any_opt_out_rate_7d")
    assert row["readout_status"] == "too_early"
    assert row["always_valid_ci_lower"] > 0
    assert row["has_always_valid_harm"]
    withheld = ("absolute_lift", "p_value", "fdr_p_value", "cuped_lift", "conclusion")
    assert are_missing(row, *withheld)
    late = row_of(readouts(retained(*SAMPLE)), "account_retention")
    assert pd.isna(late["always_valid_ci_lower"])


@pytest.mark.parametrize(("retained_yes", "is_trap"), [(2900, True), (3200, False)])
def test_clicks_that_keep_nobody_are_a_trap(retained_yes: int, is_trap: bool) -> None:
    clicks = both("click_through_rate", shares(800, 4000), shares(100, 1000))
    sums = pd.concat([retained((retained_yes, 4000), (780, 1000)), clicks])
    row = row_of(readouts(sums), "account_retention")
    assert row["is_short_term_trap"] == is_trap
    assert pd.isna(readouts(sums, today=14)["is_short_term_trap"]).all()


def test_waits_are_compared_by_their_restricted_means() -> None:
    exits = waits(
        ("treatment", 0, 10, 500, 500),
        ("treatment", 0, 57, 500, 0),
        ("holdout", 0, 40, 125, 125),
        ("holdout", 0, 57, 125, 0),
    )
    rows = readouts(retained(*SAMPLE), exits=exits)
    row = row_of(rows, "task_completion_time")
    assert row["mean"] == pytest.approx((0.5 * 10 + 0.5 * 57) / 7)
    assert row["absolute_lift"] == pytest.approx(-0.5 * 30 / 7)
    assert row["log_rank_p_value"] < 0.05
    assert (row["customer_count"], row["holdout_count"]) == (1000, 250)
    # Two weeks sooner is worth having.
    assert row["conclusion"] == "works"
    assert pd.isna(row_of(rows, "account_retention")["log_rank_p_value"])


def test_two_holdouts_are_one() -> None:
    one = retained((3400, 4000), (500, 600))
    two = retained((3400, 4000), (280, 400))
    two = two[two["variation_role"] == "holdout"].assign(variation_id="control")
    exits = waits(
        ("treatment", 0, 10, 500, 500),
        ("treatment", 0, 57, 500, 0),
        ("holdout", 0, 40, 125, 125),
        ("holdout", 0, 57, 125, 0),
    )
    other = exits[exits["variation_role"] == "holdout"].assign(
        variation_id="control", duration_days=[20, 57]
    )
    rows = readouts(pd.concat([one, two]), exits=pd.concat([exits, other]))
    kept = row_of(rows, "account_retention")
    assert kept["holdout_count"] == 1000
    assert kept["absolute_lift"] == pytest.approx(0.85 - 0.78)
    waited = row_of(rows, "task_completion_time")
    assert waited["holdout_count"] == 500
    held = (20 + 40 + 2 * 57) / 4
    assert waited["absolute_lift"] == pytest.approx(((10 + 57) / 2 - held) / 7)
    assert row_of(rows, "task_completion_time", "control")["customer_count"] == 250


def test_small_waits_are_not_neutral_before_the_time_the_minimum_is_of() -> None:
    exits = waits(
        *((role, 0, 40, n, n) for role, n in (("treatment", 2000), ("holdout", 500))),
        *((role, 0, 57, n, 0) for role, n in (("treatment", 2000), ("holdout", 500))),
    )
    row = row_of(readouts(retained(*SAMPLE), exits=exits), "task_completion_time")
    assert row["conclusion"] == "inconclusive"
    assert abs(row["absolute_lift_ci_upper"]) < row["minimum_effect"]
    assert pd.isna(row["minimum_detectable_effect"])
