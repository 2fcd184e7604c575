"""What holds for every story: legal verdicts, clocks and counters, and no hidden memory."""

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.verdicts.stories import POLICY, judged, tell
from verdicts.machine import Verdict, verdicts

_WORDS = (
    *("plain", "used", "trusted", "good", "bad", "unused", "unused_bad", "blocked"),
    *("good+works", "good+neutral", "good+harm", "good+alarm", "good+incident"),
    *("bad+fix", "good+fix", "plain+pivot", "plain+version", "bad+override", "blocked+incident"),
)
# Runs of a kind, so that conditions over several weeks are met.
STORIES = st.lists(
    st.tuples(st.integers(1, 6), st.sampled_from(_WORDS)).map(lambda run: f"{run[0]}*{run[1]}"),
    min_size=1,
    max_size=16,
).map(tuple)
# From the table of the catalogue; a third fix is a sunset.
LEGAL = {
    "watch": {"fix", "remove", "scale", "sunset"},
    "scale": {"fix", "remove", "watch", "sunset"},
    "fix": {"sunset", "remove", "watch"},
    "remove": {"watch"},
    "sunset": {"watch"},
}


def pairs(story: tuple[str, ...]) -> list[tuple[Verdict, Verdict]]:
    told = judged(*story)
    return list(pairwise(told))


@given(STORIES)
def test_only_transitions_of_the_table_happen(story: tuple[str, ...]) -> None:
    for before, after in pairs(story):
        if after.is_changed:
            assert after.state.verdict in LEGAL[before.state.verdict]
        assert after.is_changed == (after.state.verdict != before.state.verdict)
        assert (after.state.since == after.week.week_start_date) == after.is_changed


@given(STORIES)
def test_the_clock_runs_in_a_fix_only_and_never_up(story: tuple[str, ...]) -> None:
    for verdict in judged(*story):
        clock = verdict.state.clock_weeks_left
        assert (clock is not None) == (verdict.state.verdict == "fix")
        assert clock is None or 0 < clock <= POLICY.fix_weeks
        assert verdict.state.frozen_weeks <= POLICY.frozen_clock_weeks
    for before, after in pairs(story):
        if before.state.verdict == after.state.verdict == "fix":
            left, now = before.state.clock_weeks_left, after.state.clock_weeks_left
            assert left is not None
            assert now == left - (not after.week.is_blocked) or after.week.is_blocked


@given(STORIES)
def test_a_fix_lasts_no_longer_than_its_clock_and_what_may_stop_it(story: tuple[str, ...]) -> None:
    for verdict in judged(*story):
        if verdict.state.verdict == "fix":
            lasted = (verdict.week.week_start_date - verdict.state.since) // timedelta(weeks=1)
            assert lasted < POLICY.fix_weeks + POLICY.frozen_clock_weeks


@given(STORIES)
def test_there_are_never_more_fixes_than_the_policy_allows(story: tuple[str, ...]) -> None:
    for verdict in judged(*story):
        assert verdict.state.fix_cycle_count <= POLICY.max_fixes + 1
        if verdict.state.verdict == "fix":
            assert verdict.state.fix_cycle_count <= POLICY.max_fixes


@given(STORIES)
def test_a_relapse_begins_with_what_was_left(story: tuple[str, ...]) -> None:
    left, recovered = None, None
    for verdict in judged(*story):
        state, today = verdict.state, verdict.week.week_start_date
        if verdict.rule == "renewed":
            recovered = None
        if verdict.is_changed and state.verdict == "fix":
            is_relapse = recovered is not None and today - recovered <= timedelta(weeks=12)
            assert state.clock_weeks_left == (left if is_relapse else POLICY.fix_weeks)
        if verdict.rule == "recovered":
            left, recovered = verdict.seen.clock_weeks_left, today


@given(STORIES)
def test_a_blocked_week_changes_no_counter_of_measurements(story: tuple[str, ...]) -> None:
    counters = ("weeks_in_state", "unused_weeks", "distrust_weeks", "recovery_weeks", "age_weeks")
    for before, after in pairs(story):
        if after.week.is_blocked and after.rule == "stay":
            for name in counters:
                assert getattr(after.state, name) == getattr(before.state, name)


@given(STORIES, st.integers(1, 40))
def test_what_comes_later_changes_no_earlier_verdict(story: tuple[str, ...], cut: int) -> None:
    weeks = tell(*story)
    whole = list(verdicts(weeks, policy=POLICY))
    assert list(verdicts(weeks[:cut], policy=POLICY)) == whole[:cut]
    assert whole == list(verdicts(weeks, policy=POLICY))


@given(STORIES)
def test_removed_and_sunset_features_are_not_rolled_out(story: tuple[str, ...]) -> None:
    for verdict in judged(*story):
        is_down = verdict.state.verdict in {"remove", "sunset"}
        assert (verdict.rollout_action == "withdraw") == is_down
        assert (verdict.rollout_action == "expand") == (verdict.state.verdict == "scale")
        assert verdict.rollout_action != "pause" or verdict.state.verdict == "fix"


def test_a_missing_week_is_refused() -> None:
    weeks = tell("3*good")
    with pytest.raises(ValueError, match="expected the week of 2026-01-12 and got 2026-01-19"):
        list(verdicts([weeks[0], weeks[2]], policy=POLICY))


def test_a_feature_without_weeks_has_no_verdict() -> None:
    assert list(verdicts([], policy=POLICY)) == []


def test_a_first_week_is_a_change_only_if_it_is_not_watched() -> None:
    assert not judged("good")[0].is_changed
    first = judged("good+incident")[0]
    assert (first.previous, first.state.verdict, first.is_changed) == (None, "fix", True)
