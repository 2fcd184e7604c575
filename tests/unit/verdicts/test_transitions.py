"""Each row of the table of transitions, and both sides of each of its edges."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.unit.verdicts.stories import MONDAY, NEUTRAL, POLICY, WORKS, ends, judged, week

# Trailing levels look back four weeks: what a story begins with has to be told for so long.
TO_FIX = ("4*good", "bad", "bad")
TO_SCALE = ("good+works", "good+works")
TO_REMOVE = ("8*unused",)
TO_SUNSET = (*TO_FIX, "6*bad")
RECOVERED = (*TO_FIX, "bad+fix", "3*good")


@pytest.mark.parametrize("before", [("3*good",), TO_SCALE])
@pytest.mark.parametrize("what", ["incident", "alarm"])
def test_an_incident_or_always_valid_harm_stops_at_once(before: tuple[str, ...], what: str) -> None:
    last = judged(*before, f"good+{what}")[-1]
    assert (last.state.verdict, last.rule) == ("fix", "incident_or_harm")
    assert last.rollout_action == "pause"
    assert last.state.clock_weeks_left == 6


def test_harm_that_is_not_always_valid_is_no_reason_to_stop_at_once() -> None:
    assert ends("3*good", "good+harm") == ("watch", "stay")
    assert ends("3*good", "2*good+harm") == ("fix", "distrusted")


@pytest.mark.parametrize("what", ["incident", "alarm"])
def test_a_running_clock_is_not_reset_by_an_incident(what: str) -> None:
    last = judged(*TO_FIX, "2*bad", f"bad+{what}")[-1]
    assert last.state.clock_weeks_left == 3
    assert last.rollout_action == "pause"
    assert judged(*TO_FIX, "2*bad", f"bad+{what}", "bad")[-1].rollout_action == "pause"


def test_a_pause_ends_when_a_fix_is_shipped() -> None:
    assert judged("3*good", "good+incident", "good+fix")[-1].rollout_action == "hold"
    both = week(reportable_incident_count=1, has_fix=True)
    assert judged("3*good", "good+incident", both)[-1].rollout_action == "pause"


def test_a_fix_that_takes_six_weeks_is_sunset_and_not_one_earlier() -> None:
    assert ends(*TO_FIX, "5*bad") == ("fix", "stay")
    assert ends(*TO_FIX, "6*bad") == ("sunset", "fix_clock_ran_out")


def test_unclear_is_not_recovered() -> None:
    assert ends(*TO_FIX, "bad+fix", "5*used") == ("sunset", "fix_clock_ran_out")


def test_the_clock_is_judged_before_an_incident() -> None:
    assert ends(*TO_FIX, "5*bad", "bad+incident") == ("sunset", "fix_clock_ran_out")


def test_an_incident_in_the_last_week_undoes_a_recovery() -> None:
    story = (*TO_FIX, "2*bad", "bad+fix")
    assert ends(*story, "3*good") == ("watch", "recovered")
    assert ends(*story, "2*good", "good+incident") == ("sunset", "fix_clock_ran_out")


@pytest.mark.parametrize("before", [("4*good",), ("4*good", *TO_SCALE)])
def test_low_engagement_for_four_weeks_removes(before: tuple[str, ...]) -> None:
    # The window is half of the old weeks until the third unused one.
    verdicts = judged(*before, "12*unused")
    first = next(v for v in verdicts if v.state.verdict == "remove")
    assert first.rule == "unused"
    assert first.seen.unused_weeks == POLICY.unused_weeks


def test_a_feature_in_a_fix_is_removed_too() -> None:
    assert ends("4*good", "5*unused", "unused+incident")[0] == "fix"
    assert ends("4*good", "5*unused", "unused+incident", "unused") == ("remove", "unused")


def test_a_feature_younger_than_eight_weeks_is_not_removed() -> None:
    assert ends("7*unused") == ("watch", "stay")
    assert ends("8*unused") == ("remove", "unused")


def test_a_feature_shown_to_fewer_than_a_thousand_is_not_removed() -> None:
    few = week(weekly_active_count=20, exposed_customer_count=999)
    assert ends(*[few] * 9) == ("watch", "stay")
    assert ends(*[few] * 9, replace(few, exposed_customer_count=1_000)) == ("remove", "unused")


@pytest.mark.parametrize("before", [("4*good",), ("4*good", *TO_SCALE)])
def test_low_trust_for_two_weeks_is_fixed(before: tuple[str, ...]) -> None:
    assert judged(*before, "bad")[-1].state.verdict != "fix"
    assert ends(*before, "2*bad") == ("fix", "distrusted")
    assert judged(*before, "2*bad")[-1].rollout_action == "hold"


def test_low_trust_of_what_nobody_uses_is_no_reason_to_fix() -> None:
    assert ends("7*unused_bad") == ("watch", "stay")
    assert ends("8*unused_bad") == ("remove", "unused")


def test_high_trust_for_three_weeks_after_the_fix_is_a_recovery() -> None:
    assert ends(*TO_FIX, "bad+fix", "2*good") == ("fix", "stay")
    assert ends(*TO_FIX, "bad+fix", "3*good") == ("watch", "recovered")


def test_trust_after_a_fix_rests_on_exposure_after_it() -> None:
    first_after = judged(*TO_FIX, "bad+fix", "good")[-1]
    assert first_after.levels.trust == "high"
    assert first_after.levels.opt_out_hazard.denominator == 4_000


def test_without_a_fix_there_is_no_recovery() -> None:
    assert ends(*TO_FIX, "6*good") == ("sunset", "fix_clock_ran_out")


def test_a_fix_shipped_in_the_week_it_was_asked_for_counts() -> None:
    assert ends("4*good", "bad", "bad+fix", "3*good") == ("watch", "recovered")


def test_a_second_fix_is_measured_from_its_own_week() -> None:
    assert ends(*TO_FIX, "bad+fix", "good", "good", "good") == ("watch", "recovered")
    assert ends(*TO_FIX, "bad+fix", "good", "good+fix", "good") == ("fix", "stay")
    assert ends(*TO_FIX, "bad+fix", "good", "good+fix", "3*good") == ("watch", "recovered")


def test_harm_in_an_experiment_is_no_recovery() -> None:
    assert ends(*TO_FIX, "bad+fix", "2*good", "good+harm") == ("fix", "stay")


def test_what_works_and_is_liked_for_two_weeks_is_scaled() -> None:
    assert ends("4*good", "good+works") == ("watch", "stay")
    assert ends("4*good", "2*good+works") == ("scale", "qualified")
    assert judged("4*good", "2*good+works")[-1].rollout_action == "expand"


@pytest.mark.parametrize("kind", ["used+works", "trusted+works", "good", "good+neutral"])
def test_what_lacks_one_of_the_three_is_not_scaled(kind: str) -> None:
    assert ends(f"9*{kind}") == ("watch", "stay")


def test_an_experiment_counts_for_scaling_after_28_days() -> None:
    for days, verdict in ((27, "watch"), (28, "scale")):
        told = week(
            weekly_active_count=600,
            opt_out_count=8,
            readout=replace(WORKS, runtime_days=days),
        )
        assert ends("4*good", told, told)[0] == verdict


def test_what_no_longer_qualifies_for_three_weeks_is_watched() -> None:
    scaled = ("4*good", *TO_SCALE)
    assert ends(*scaled, "2*good") == ("scale", "stay")
    assert ends(*scaled, "2*good", "good+works", "2*good") == ("scale", "stay")
    assert ends(*scaled, "3*good") == ("watch", "no_longer_qualified")


def test_neutral_with_power_for_26_weeks_is_of_no_value() -> None:
    assert ends("25*good+neutral") == ("watch", "stay")
    assert ends("26*good+neutral") == ("remove", "no_value")


def test_neutral_without_power_is_watched_on() -> None:
    weak = replace(WORKS, conclusion="neutral", is_neutral_with_power=False)
    told = week(weekly_active_count=600, opt_out_count=8, readout=weak)
    assert ends(*[told] * 30) == ("watch", "stay")


def test_one_pivot_within_eight_weeks_brings_a_feature_back() -> None:
    assert ends(*TO_REMOVE, "7*plain", "pivot") == ("watch", "pivoted")
    assert ends(*TO_REMOVE, "8*plain", "pivot") == ("remove", "stay")


def test_a_pivot_before_the_removal_is_none() -> None:
    assert ends("7*unused", "unused+pivot", "plain") == ("remove", "stay")


def test_there_is_one_pivot() -> None:
    again = (*TO_REMOVE, "pivot", "7*unused")
    assert ends(*again) == ("remove", "unused")
    assert ends(*again, "pivot") == ("remove", "stay")


@pytest.mark.parametrize("what", ["version", "override"])
def test_a_new_version_or_a_signature_ends_a_sunset(what: str) -> None:
    last = judged(*TO_SUNSET, what)[-1]
    assert (last.state.verdict, last.rule) == ("watch", "renewed")
    assert last.state.fix_cycle_count == 0


@pytest.mark.parametrize("what", ["plain", "pivot", "fix", "good+works"])
def test_nothing_else_does(what: str) -> None:
    assert ends(*TO_SUNSET, *[what] * 4) == ("sunset", "stay")


def test_a_signature_does_not_undo_what_was_measured() -> None:
    assert ends(*TO_SUNSET, "bad+override", "2*bad")[0] == "fix"
    assert ends(*TO_SUNSET, "bad+version", "good", "good")[0] == "watch"


def test_a_relapse_within_twelve_weeks_has_the_time_that_was_left() -> None:
    assert judged(*RECOVERED)[-1].state.resumable_weeks == 2
    relapsed = judged(*RECOVERED, "10*good", "2*bad")[-1]
    assert (relapsed.state.verdict, relapsed.state.clock_weeks_left) == ("fix", 2)
    later = judged(*RECOVERED, "11*good", "2*bad")[-1]
    assert (later.state.verdict, later.state.clock_weeks_left) == ("fix", 6)


def test_a_relapse_by_an_incident_resumes_the_clock_too() -> None:
    assert judged(*RECOVERED, "good", "good+incident")[-1].state.clock_weeks_left == 2


def test_a_relapse_without_time_left_is_a_sunset() -> None:
    story = (*TO_FIX, "2*bad", "bad+fix", "3*good")
    assert judged(*story)[-1].state.resumable_weeks == 0
    assert ends(*story, "2*bad") == ("sunset", "distrusted")


def test_a_third_fix_is_a_sunset() -> None:
    second = (*RECOVERED, "13*good", "2*bad")
    assert judged(*second)[-1].state.fix_cycle_count == 2
    third = judged(*second, "bad+fix", "16*good", "2*bad")[-1]
    assert (third.state.verdict, third.state.fix_cycle_count) == ("sunset", 3)


def test_blocked_data_stop_the_counters() -> None:
    assert ends("4*good", "bad", "3*blocked", "bad") == ("fix", "distrusted")
    stopped = judged("4*good", "bad", "3*blocked")[-1]
    assert stopped.state.distrust_weeks == 1
    assert stopped.state.weeks_in_state == 5
    assert stopped.state.blocked_weeks == 3


def test_blocked_data_stop_a_fix_clock_for_two_weeks() -> None:
    clocks = [v.state.clock_weeks_left for v in judged(*TO_FIX, "3*blocked")[-4:]]
    assert clocks == [6, 6, 6, 5]
    assert ends(*TO_FIX, "bad", "blocked", "bad", "blocked", "3*bad") == ("fix", "stay")
    assert ends(*TO_FIX, "bad", "blocked", "bad", "blocked", "blocked", "3*bad")[0] == "sunset"


def test_what_happened_counts_though_data_are_blocked() -> None:
    assert ends("4*good", "blocked+incident")[0] == "fix"
    assert ends("4*good", "blocked+alarm")[0] == "watch"
    assert ends(*TO_SUNSET, "blocked+override")[0] == "watch"
    assert ends(*TO_REMOVE, "blocked+pivot")[0] == "watch"


@pytest.mark.parametrize("reborn", [(*TO_REMOVE, "pivot"), (*TO_SUNSET, "version")])
def test_another_product_is_judged_by_an_experiment_of_its_own(reborn: tuple[str, ...]) -> None:
    born = judged(*reborn)[-1].week.week_start_date
    for began, scaled, removed in (
        (born - timedelta(weeks=1), "watch", "watch"),
        (born, "scale", "remove"),
    ):
        good = week(weekly_active_count=600, opt_out_count=8)
        works = replace(good, readout=replace(WORKS, began=began))
        neutral = replace(good, readout=replace(NEUTRAL, began=began))
        assert ends(*reborn, *[works] * 8)[0] == scaled
        assert ends(*reborn, *[neutral] * 26)[0] == removed


def test_an_experiment_begun_before_the_first_week_counts_in_the_first_life() -> None:
    early = replace(WORKS, began=MONDAY - timedelta(weeks=1))
    told = week(weekly_active_count=600, opt_out_count=8, readout=early)
    assert ends("4*good", told, told) == ("scale", "qualified")


def test_engagement_of_another_product_rests_on_weeks_since() -> None:
    assert judged(*TO_REMOVE, "good+pivot", "good")[-1].levels.engagement_rate.denominator == 4_000
    assert judged(*TO_REMOVE, "good+pivot", "good")[-1].levels.engagement == "high"
