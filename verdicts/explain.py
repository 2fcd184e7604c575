"""Why a verdict is what it is, and what happens next: sentences with figure and limit."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from verdicts.transitions import concerns, relapsing_weeks
from warehouse import counted

if TYPE_CHECKING:
    from datetime import date

    from verdicts.levels import Rate
    from verdicts.machine import Verdict
    from verdicts.policy import VerdictPolicy

SEPARATOR = "; "
_SIGNALS = {
    "helpful_rate": "found helpful",
    "opt_in_rate": "opt-ins",
    "csat_positive_rate": "satisfied",
}


def reasons(verdict: Verdict, *, policy: VerdictPolicy) -> list[str]:
    """Say why: what moved it first, then what every level rests on."""
    return [
        *_moved(verdict, policy),
        *_stopped(verdict),
        _engagement(verdict, policy),
        _trust(verdict, policy),
        _outcome(verdict),
    ]


def entry(verdict: Verdict, *, policy: VerdictPolicy) -> str:
    """Say what brought the feature where it is, in the week it did: later weeks repeat it."""
    if not verdict.is_changed:
        return "its first week"
    return SEPARATOR.join([*_moved(verdict, policy), *_stopped(verdict)])


def next_step(verdict: Verdict, *, policy: VerdictPolicy) -> tuple[str, date | None]:
    """Say what happens next, and the first day on which it can."""
    step = {
        "watch": _next_of_watch,
        "scale": _next_of_scale,
        "fix": _next_of_fix,
        "remove": _next_of_remove,
        "sunset": _next_of_sunset,
    }[verdict.state.verdict]
    return step(verdict, policy)


def _next_of_watch(verdict: Verdict, policy: VerdictPolicy) -> tuple[str, date | None]:
    today, state = verdict.week.week_start_date, verdict.state
    weeks, counting = state.weeks_in_state, ""
    if state.qualifying_weeks:
        counting = f"; qualifies {state.qualifying_weeks} of {policy.scale_weeks} weeks for scale"
    elif state.distrust_weeks:
        counting = f"; distrusted {state.distrust_weeks} of {policy.distrust_weeks} weeks for fix"
    if weeks < policy.decision_weeks:
        due = _after(today, policy.decision_weeks - weeks)
        return f"a decision is due then{counting}", due
    step = "a decision is due: expand it, change it or take it down"
    left = policy.no_value_weeks - weeks
    if left <= 0:
        return f"{step}{counting}", None
    return f"{step}; removed then if neutral with power{counting}", _after(today, left)


def _next_of_scale(verdict: Verdict, policy: VerdictPolicy) -> tuple[str, date | None]:
    step = f"watched again after {policy.unscale_weeks} weeks running without qualifying"
    return f"{step} ({verdict.state.failing_weeks} so far)", None


def _next_of_remove(verdict: Verdict, policy: VerdictPolicy) -> tuple[str, date | None]:
    if verdict.state.has_pivoted:
        return "taken down: its one pivot is spent", None
    until = _after(verdict.state.since, policy.pivot_weeks)
    if _after(verdict.week.week_start_date, 0) >= until:
        return "taken down: the time for a pivot is over", None
    return "one registered pivot brings it back to watch until then", until


def _next_of_sunset(_verdict: Verdict, _policy: VerdictPolicy) -> tuple[str, date | None]:
    return "taken down, until a new feature_version is released or an override signed", None


def _next_of_fix(verdict: Verdict, policy: VerdictPolicy) -> tuple[str, date | None]:
    state, today = verdict.state, verdict.week.week_start_date
    left = state.clock_weeks_left or 0
    over = _after(today, left)
    if state.fixed_on is None:
        by = min(over, _after(state.since, policy.fix_ship_weeks))
        due = f"ship a fix by {by}" if _after(today, 0) < by else f"a fix was due by {by}"
        return f"{due}; sunset then without recovery", over
    needed = f"{policy.recovery_weeks} weeks of high trust"
    return f"{needed} on exposure after the fix ({state.recovery_weeks} so far), else sunset", over


def _after(week: date, weeks: int) -> date:
    """Return the day on which the verdict of a week so many weeks on can be said."""
    return week + timedelta(weeks=weeks + 1)


def _moved(verdict: Verdict, policy: VerdictPolicy) -> list[str]:
    state = verdict.state
    if verdict.rule not in {"incident_or_harm", "distrusted"} or not verdict.is_changed:
        return [_by_rule(verdict, policy)]
    said = [_by_rule(verdict, policy)]
    if state.verdict == "sunset":
        last = "it relapsed with no time left on the fix clock"
        if state.fix_cycle_count > policy.max_fixes:
            last = f"it would be fix {state.fix_cycle_count}, of {policy.max_fixes} it may have"
        # What is taken down is not paused; the incident or harm is told beside it.
        said = [last, *(said if verdict.rule == "distrusted" else [])]
    left = relapsing_weeks(verdict.seen, verdict.week.week_start_date, policy)
    if left is not None:
        weeks, day = counted(left, "week"), verdict.seen.recovered_on
        were = "was" if left == 1 else "were"
        said.append(f"relapse: {weeks} {were} left when it recovered in the week of {day}")
    return said


def _by_rule(verdict: Verdict, policy: VerdictPolicy) -> str:
    seen, state, week = verdict.seen, verdict.state, verdict.week
    distrust = "low trust" if verdict.levels.trust == "low" else "harm"
    weeks_in_state = f"{counted(state.weeks_in_state, 'week')} in {state.verdict}"
    return {
        "fix_clock_ran_out": (
            "the fix clock ran out without recovery"
            + ("" if seen.fixed_on else "; no fix was released")
        ),
        "incident_or_harm": ("it stays paused" if seen.is_paused else "it must be paused at once"),
        "unused": (
            f"low engagement {seen.unused_weeks} weeks running (limit {policy.unused_weeks}), "
            f"{seen.age_weeks} weeks old, {week.exposed_customer_count:,} customers exposed"
        ),
        "distrusted": (
            f"{distrust} {seen.distrust_weeks} weeks running (limit {policy.distrust_weeks})"
        ),
        "recovered": (
            f"high trust {seen.recovery_weeks} weeks running after the fix "
            f"(needs {policy.recovery_weeks})"
        ),
        "qualified": (
            f"works, with engagement and trust high, {seen.qualifying_weeks} weeks running "
            f"(needs {policy.scale_weeks})"
        ),
        "no_longer_qualified": (
            f"has not qualified {seen.failing_weeks} weeks running (limit {policy.unscale_weeks}): "
            f"{_failing(verdict, policy)}"
        ),
        "no_value": (
            f"no_value: watched {seen.weeks_in_state} weeks (limit {policy.no_value_weeks}), "
            "and an effect worth having would have been seen"
        ),
        "pivoted": "its one registered pivot was released",
        "renewed": ("a new version was released" if week.has_version else "an override was signed"),
    }.get(verdict.rule, f"{weeks_in_state}{_waiting(verdict)}")


def _failing(verdict: Verdict, policy: VerdictPolicy) -> str:
    levels, readout = verdict.levels, verdict.week.readout
    axes = {"engagement": levels.engagement, "trust": levels.trust}
    said = [f"{axis} {level}" for axis, level in axes.items() if level != "high"]
    if readout.conclusion != "works":
        said.append(f"outcome {readout.conclusion or 'unknown'}")
    elif not concerns(verdict.seen, verdict.week):
        said.append("outcome of the product before")
    elif (readout.runtime_days or 0) < policy.scale_min_days:
        said.append(f"outcome younger than {policy.scale_min_days} days")
    return ", ".join(said)


def _waiting(verdict: Verdict) -> str:
    blocked = verdict.state.blocked_weeks
    return f", {blocked} running without data: counters wait" if blocked else ""


def _stopped(verdict: Verdict) -> list[str]:
    week, said = verdict.week, []
    if week.reportable_incident_count:
        said.append(f"reportable incidents: {week.reportable_incident_count} (limit 0)")
    readout = week.readout
    if readout.has_always_valid_harm or readout.has_harm:
        kind = "always-valid harm" if readout.has_always_valid_harm else "harm"
        metric, experiment = readout.harm_metric, readout.harm_experiment_id
        said.append(f"{kind} in {metric or 'its primary metric'} of experiment {experiment}")
    return said


def _engagement(verdict: Verdict, policy: VerdictPolicy) -> str:
    levels = verdict.levels
    limits = f"low below {_percent(policy.engagement_low)}, "
    limits += f"high above {_percent(policy.engagement_high)}"
    return (
        f"engagement {levels.engagement}: weekly active {_rate(levels.engagement_rate)}, {limits}"
    )


def _trust(verdict: Verdict, policy: VerdictPolicy) -> str:
    levels = verdict.levels
    limit = _percent(policy.opt_out_hazard)
    hazard = f"weekly opt-outs {_rate(levels.opt_out_hazard)}, limit {limit}"
    said = [f"trust {levels.trust}: {hazard}"]
    for name, words in _SIGNALS.items():
        if name in levels.distrust_signals:
            limit = _percent(getattr(policy, name))
            said.append(f"{words} {_rate(getattr(levels, name))}, below {limit}")
    if levels.spike_count:
        said.append(f"ticket spikes {levels.spike_count} in {policy.spike_weeks} weeks")
    if not levels.has_quantitative:
        said.append("too few customers at risk to count")
    if not levels.has_qualitative:
        said.append(f"fewer than {policy.min_sample} answers from customers")
    return ", ".join(said)


def _outcome(verdict: Verdict) -> str:
    readout = verdict.week.readout
    if readout.conclusion is None:
        why = f"its experiment is {readout.status}" if readout.status else "no experiment"
        return f"outcome unknown: {why}"
    said = f"outcome {readout.conclusion}: {readout.metric_name} of {readout.experiment_id}"
    if readout.absolute_lift is not None:
        said += f" {readout.absolute_lift:+.4g}"
    if readout.lift_ci_lower is not None and readout.lift_ci_upper is not None:
        said += f" ({readout.lift_ci_lower:+.4g} to {readout.lift_ci_upper:+.4g})"
    if readout.minimum_effect is not None:
        said += f", minimum {readout.minimum_effect:.4g}"
    if not concerns(verdict.state, verdict.week):
        said += ", of the product before"
    return f"{said}, day {readout.runtime_days}"


def _rate(rate: Rate) -> str:
    if rate.value is None or rate.lower is None or rate.upper is None:
        return f"unknown ({rate.numerator:,} of {rate.denominator:,})"
    low, high = _percent(rate.lower).removesuffix(" %"), _percent(rate.upper)
    return f"{_percent(rate.value)} ({low}–{high})"


def _percent(share: float) -> str:
    return f"{share * 100:.2f}".rstrip("0").rstrip(".") + " %"
