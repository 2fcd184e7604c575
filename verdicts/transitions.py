"""The table of transitions: from which verdict to which, and on what condition."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from verdicts.levels import Levels
    from verdicts.policy import VerdictPolicy
    from verdicts.states import State
    from verdicts.weeks import Week


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What a rule looks at.

    Attributes:
        state: Counters up to and with this week.
        week: What happened in it.
        levels: What the trailing weeks say.
        policy: The numbers.
    """

    state: State
    week: Week
    levels: Levels
    policy: VerdictPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A row of the table.

    Attributes:
        name: Its code, as rows show it.
        sources: Verdicts it starts from.
        holds: Its condition.
        move: The state it leads to.
        is_measured: It rests on measurements, so it waits while data are blocked.
    """

    name: str
    sources: frozenset[str]
    holds: Callable[[Situation], bool]
    move: Callable[[Situation], State]
    is_measured: bool = True

    def applies(self, now: Situation) -> bool:
        """Say whether the rule moves the feature now."""
        if now.state.verdict not in self.sources or (self.is_measured and now.week.is_blocked):
            return False
        return self.holds(now)


def counted(state: State, week: Week, levels: Levels, *, policy: VerdictPolicy) -> State:
    """Advance every counter by a week; blocked data stop them all, the fix clock not for long."""
    in_fix = state.clock_weeks_left is not None
    if week.is_blocked:
        runs = in_fix and state.frozen_weeks >= policy.frozen_clock_weeks
        return replace(
            state,
            blocked_weeks=state.blocked_weeks + 1,
            clock_weeks_left=_ticked(state.clock_weeks_left, runs=runs),
            frozen_weeks=state.frozen_weeks + (in_fix and not runs),
        )
    distrusts = (levels.trust == "low" or week.readout.has_harm) and levels.engagement != "low"
    is_after_fix = state.fixed_on is not None and week.week_start_date > state.fixed_on
    recovers = is_after_fix and levels.trust == "high" and not _is_harmed(week)
    qualifies = _qualifies(state, week, levels, policy)
    return replace(
        state,
        weeks_in_state=state.weeks_in_state + 1,
        age_weeks=state.age_weeks + 1,
        clock_weeks_left=_ticked(state.clock_weeks_left, runs=in_fix),
        unused_weeks=_running(state.unused_weeks, holds=levels.engagement == "low"),
        distrust_weeks=_running(state.distrust_weeks, holds=distrusts),
        recovery_weeks=_running(state.recovery_weeks, holds=recovers),
        qualifying_weeks=_running(state.qualifying_weeks, holds=qualifies),
        failing_weeks=_running(state.failing_weeks, holds=not qualifies),
        blocked_weeks=0,
    )


def _running(count: int, *, holds: bool) -> int:
    return count + 1 if holds else 0


def _ticked(clock: int | None, *, runs: bool) -> int | None:
    return max(0, clock - 1) if clock is not None and runs else clock


def _is_harmed(week: Week) -> bool:
    readout = week.readout
    happened = week.reportable_incident_count > 0
    return happened or readout.has_harm or readout.has_always_valid_harm


def _must_stop(now: Situation) -> bool:
    harms = now.week.readout.has_always_valid_harm and not now.week.is_blocked
    return now.week.reportable_incident_count > 0 or harms


def concerns(state: State, week: Week) -> bool:
    """Say whether the outcome is of what customers get now, not of the product it was before."""
    began = week.readout.began
    return state.born is None or (began is not None and began >= state.born)


def _qualifies(state: State, week: Week, levels: Levels, policy: VerdictPolicy) -> bool:
    readout = week.readout
    has_run = (readout.runtime_days or 0) >= policy.scale_min_days
    works = readout.conclusion == "works" and has_run and concerns(state, week)
    return works and levels.engagement == levels.trust == "high"


def _has_recovered(now: Situation) -> bool:
    return not now.week.is_blocked and now.state.recovery_weeks >= now.policy.recovery_weeks


def _clock_ran_out(now: Situation) -> bool:
    return now.state.clock_weeks_left == 0 and not _has_recovered(now)


def _is_unused(now: Situation) -> bool:
    state, policy = now.state, now.policy
    return (
        state.unused_weeks >= policy.unused_weeks
        and state.age_weeks >= policy.unused_min_age
        and now.week.exposed_customer_count >= policy.unused_min_exposed
    )


def _has_no_value(now: Situation) -> bool:
    readout = now.week.readout
    is_neutral = readout.conclusion == "neutral" and readout.is_neutral_with_power
    is_over = now.state.weeks_in_state >= now.policy.no_value_weeks
    return is_over and is_neutral and concerns(now.state, now.week)


def _is_pivoted(now: Situation) -> bool:
    weeks = (now.week.week_start_date - now.state.since) // timedelta(weeks=1)
    return now.week.has_pivot and not now.state.has_pivoted and weeks <= now.policy.pivot_weeks


def _enter(now: Situation, verdict: str) -> State:
    """Enter a verdict: what was counted towards leaving the former one begins anew."""
    return replace(
        now.state,
        verdict=verdict,
        since=now.week.week_start_date,
        weeks_in_state=1,
        clock_weeks_left=None,
        frozen_weeks=0,
        distrust_weeks=0,
        recovery_weeks=0,
        qualifying_weeks=0,
        failing_weeks=0,
        fixed_on=None,
        is_paused=False,
    )


def relapsing_weeks(state: State, today: date, policy: VerdictPolicy) -> int | None:
    """Give the weeks that a relapse has left of the last clock; None if a fix now is none."""
    if state.recovered_on is None:
        return None
    is_relapse = today - state.recovered_on <= timedelta(weeks=policy.relapse_weeks)
    return state.resumable_weeks if is_relapse else None


def _enter_fix(now: Situation) -> State:
    """Enter a fix: with a new clock, what a relapse has left of the last one, or not any more."""
    state, policy, today = now.state, now.policy, now.week.week_start_date
    cycle = state.fix_cycle_count + 1
    resumable = relapsing_weeks(state, today, policy)
    left = policy.fix_weeks if resumable is None else resumable
    is_last = cycle > policy.max_fixes or left == 0
    entered = replace(_enter(now, "sunset" if is_last else "fix"), fix_cycle_count=cycle)
    return entered if is_last else replace(entered, clock_weeks_left=left)


def _stop(now: Situation) -> State:
    """Pause; a fix that is under way goes on against the same clock."""
    if now.state.verdict == "fix":
        return replace(now.state, is_paused=True, recovery_weeks=0)
    entered = _enter_fix(now)
    return replace(entered, is_paused=entered.verdict == "fix")


def _recover(now: Situation) -> State:
    return replace(
        _enter(now, "watch"),
        recovered_on=now.week.week_start_date,
        resumable_weeks=now.state.clock_weeks_left,
    )


def _renew(now: Situation) -> State:
    """Begin anew after a sunset; a signature gives it time, and does not undo what was measured."""
    entered = replace(_enter(now, "watch"), fix_cycle_count=0, recovered_on=None)
    return _reborn(entered, now) if now.week.has_version else entered


def _pivot(now: Situation) -> State:
    return replace(_reborn(_enter(now, "watch"), now), has_pivoted=True)


def _reborn(state: State, now: Situation) -> State:
    """Count age, use and trust from here on: customers get another product."""
    start = now.week.week_start_date
    following = start + timedelta(weeks=1)
    return replace(state, born=start, age_weeks=1, unused_weeks=0, trust_since=following)


def _to(verdict: str) -> Callable[[Situation], State]:
    return lambda now: _enter(now, verdict)


# The first that holds counts.
RULES = (
    Rule(
        name="fix_clock_ran_out",
        sources=frozenset({"fix"}),
        holds=_clock_ran_out,
        move=_to("sunset"),
        is_measured=False,
    ),
    Rule(
        name="incident_or_harm",
        sources=frozenset({"watch", "scale", "fix"}),
        holds=_must_stop,
        move=_stop,
        is_measured=False,
    ),
    Rule(
        name="unused",
        sources=frozenset({"watch", "scale", "fix"}),
        holds=_is_unused,
        move=_to("remove"),
    ),
    Rule(
        name="distrusted",
        sources=frozenset({"watch", "scale"}),
        holds=lambda now: now.state.distrust_weeks >= now.policy.distrust_weeks,
        move=_enter_fix,
    ),
    Rule(
        name="recovered",
        sources=frozenset({"fix"}),
        holds=_has_recovered,
        move=_recover,
    ),
    Rule(
        name="qualified",
        sources=frozenset({"watch"}),
        holds=lambda now: now.state.qualifying_weeks >= now.policy.scale_weeks,
        move=_to("scale"),
    ),
    Rule(
        name="no_longer_qualified",
        sources=frozenset({"scale"}),
        holds=lambda now: now.state.failing_weeks >= now.policy.unscale_weeks,
        move=_to("watch"),
    ),
    Rule(
        name="no_value",
        sources=frozenset({"watch"}),
        holds=_has_no_value,
        move=_to("remove"),
    ),
    Rule(
        name="pivoted",
        sources=frozenset({"remove"}),
        holds=_is_pivoted,
        move=_pivot,
        is_measured=False,
    ),
    Rule(
        name="renewed",
        sources=frozenset({"sunset"}),
        holds=lambda now: now.week.has_version or now.week.has_override,
        move=_renew,
        is_measured=False,
    ),
)
