"""Levels of engagement and trust: Wilson's interval against each limit, from both sides."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from statsmodels.stats.proportion import proportion_confint

from tests.unit.verdicts.stories import MONDAY, POLICY, WORKS, judged, tell, week
from verdicts.levels import Levels, judge, wilson
from verdicts.weeks import Week


def levels(*weeks: Week, since: int | None = None) -> Levels:
    dated = tell(*weeks)
    after = None if since is None else MONDAY + timedelta(weeks=since)
    return judge(dated, policy=POLICY, trust_since=after)


@pytest.mark.parametrize(("yes", "n"), [(0, 30), (1, 30), (30, 30), (53, 1_000), (8, 4_000)])
def test_the_interval_is_wilsons(yes: int, n: int) -> None:
    rate = wilson(yes, n, policy=POLICY)
    lower, upper = proportion_confint(yes, n, method="wilson")
    assert (rate.lower, rate.upper) == pytest.approx((lower, upper), rel=1e-9, abs=1e-12)


def test_a_rate_of_fewer_than_the_smallest_sample_is_not_known() -> None:
    assert wilson(3, 29, policy=POLICY).value is None
    assert wilson(3, 30, policy=POLICY).value == 0.1
    assert wilson(0, 0, policy=replace(POLICY, min_sample=0)).value is None


@pytest.mark.parametrize(
    ("active", "level"), [(226, "unclear"), (227, "high"), (81, "unclear"), (80, "low")]
)
def test_engagement_is_judged_by_its_bounds(active: int, level: str) -> None:
    told = week(exposed_enabled_count=2_000, weekly_active_count=active)
    assert levels(*[told] * 4).engagement == level


def test_engagement_counts_a_customer_once_though_they_come_every_week() -> None:
    told = week(exposed_enabled_count=2_000, weekly_active_count=150)
    rate = levels(*[told] * 4).engagement_rate
    assert (rate.numerator, rate.denominator) == (600, 8_000)
    assert (rate.lower, rate.upper) == pytest.approx(
        proportion_confint(150, 2_000, method="wilson"), rel=1e-9
    )


def test_levels_rest_on_four_weeks() -> None:
    bad, good = week(opt_out_count=4_000), week(opt_out_count=8)
    assert levels(bad, *[good] * 3).trust == "low"
    assert levels(bad, *[good] * 4).trust == "high"


@pytest.mark.parametrize(
    ("opt_outs", "level"), [(142, "low"), (141, "unclear"), (99, "unclear"), (98, "high")]
)
def test_the_opt_out_hazard_is_judged_by_its_bounds(opt_outs: int, level: str) -> None:
    told = [week(opt_out_count=0, at_risk_count=4_000)] * 3
    assert levels(*told, week(opt_out_count=opt_outs, at_risk_count=4_000)).trust == level


SIGNALS: dict[str, dict[str, Any]] = {
    "helpful_rate": {"helpful_count": 35, "helpful_answer_count": 100},
    "theme_spike": {"theme_spike_count": 1},
    "opt_in_rate": {"opt_in_count": 2, "offer_count": 100},
    "csat_positive_rate": {"csat_positive_count": 60, "csat_answer_count": 100},
}


@pytest.mark.parametrize("name", SIGNALS)
def test_one_signal_makes_trust_unclear_and_two_make_it_low(name: str) -> None:
    good = week(opt_out_count=8)
    one = replace(good, **SIGNALS[name])
    assert levels(*[good] * 4).trust == "high"
    assert levels(*[one] * 4).trust == "unclear"
    assert levels(*[one] * 4).distrust_signals == (name,)
    for other in SIGNALS.keys() - {name}:
        assert levels(*[replace(one, **SIGNALS[other])] * 4).trust == "low"


@pytest.mark.parametrize(
    ("changes", "is_signal"),
    [
        ({"helpful_count": 180, "helpful_answer_count": 400}, True),
        ({"helpful_count": 181, "helpful_answer_count": 400}, False),
        ({"opt_in_count": 35, "offer_count": 400}, True),
        ({"opt_in_count": 36, "offer_count": 400}, False),
        ({"csat_positive_count": 304, "csat_answer_count": 400}, True),
        ({"csat_positive_count": 305, "csat_answer_count": 400}, False),
    ],
)
def test_a_signal_needs_the_upper_bound_below_its_limit(
    changes: dict[str, Any], *, is_signal: bool
) -> None:
    silent = week(helpful_answer_count=0, helpful_count=0)
    silent = replace(silent, csat_positive_count=0, csat_answer_count=0)
    found = levels(silent, silent, silent, replace(silent, **changes))
    assert bool(found.distrust_signals) == is_signal


def test_a_spike_speaks_for_two_weeks() -> None:
    good, spike = week(opt_out_count=8), week(opt_out_count=8, theme_spike_count=2)
    assert levels(*[good] * 3, spike, good).spike_count == 2
    assert levels(*[good] * 3, spike, good, good).spike_count == 0


def test_trust_is_high_only_where_both_tracks_are_live() -> None:
    silent = week(opt_out_count=8, helpful_answer_count=4, csat_answer_count=3)
    silent = replace(silent, helpful_count=4, csat_positive_count=3)
    found = levels(*[silent] * 4)
    assert (found.trust, found.has_quantitative, found.has_qualitative) == ("unclear", True, False)
    spoken = replace(silent, helpful_answer_count=5, helpful_count=5)
    assert levels(*[spoken] * 4).trust == "high"
    unseen = week(opt_out_count=0, at_risk_count=7)
    assert not levels(*[unseen] * 4).has_quantitative


def test_blocked_weeks_are_no_evidence() -> None:
    found = levels(*[week(is_blocked=True, opt_out_count=4_000)] * 3, week(opt_out_count=8))
    assert found.opt_out_hazard.denominator == 4_000


def test_trust_rests_on_weeks_after_a_fix_and_engagement_on_all() -> None:
    found = levels(*[week(opt_out_count=400)] * 3, week(opt_out_count=8), since=3)
    assert found.trust == "high"
    assert found.engagement_rate.denominator == 8_000


def trap(**changes: Any) -> bool:
    before: dict[str, Any] = {"first_use_count": 100, "return_count": 20, "opt_out_count": 8}
    grown = {**before, "interaction_count": 6_000, **changes}
    story = [week(**before)] * 4 + [week(**grown)] * 4
    return judged(*story)[-1].levels.is_vanity_trap


def test_volume_that_is_up_alone_is_a_trap() -> None:
    assert trap()
    assert not trap(interaction_count=5_500)
    assert trap(interaction_count=5_501)


def test_volume_is_no_trap_where_customers_come_back_more() -> None:
    assert not trap(return_count=40)
    assert not trap(first_use_count=0, return_count=0)


@pytest.mark.parametrize(
    ("conclusion", "is_trap"), [("neutral", True), ("harm", True), ("works", False)]
)
def test_volume_that_is_up_without_an_effect_is_a_trap(conclusion: str, *, is_trap: bool) -> None:
    readout = replace(WORKS, conclusion=conclusion)
    assert trap(return_count=40, readout=readout) == is_trap
    assert trap(readout=readout) == is_trap


def test_volume_that_is_up_while_trust_is_low_is_a_trap() -> None:
    assert trap(return_count=40, opt_out_count=400)
