"""Weeks of a feature to tell a story with: good, bad, unused, and what its experiments say."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from verdicts.machine import Verdict, verdicts
from verdicts.policy import VerdictPolicy
from verdicts.weeks import Readout, Week

MONDAY = date(2026, 1, 5)
POLICY = VerdictPolicy()
WORKS = Readout(
    conclusion="works",
    experiment_id="e1",
    metric_name="account_retention",
    status="ok",
    runtime_days=35,
    absolute_lift=0.05,
    lift_ci_lower=0.02,
    lift_ci_upper=0.08,
    minimum_effect=0.03,
)
NEUTRAL = replace(WORKS, conclusion="neutral", is_neutral_with_power=True, absolute_lift=0.0)
HARM = replace(
    WORKS, conclusion="harm", has_harm=True, harm_experiment_id="e1", harm_metric="savings_rate"
)
ALARM = Readout(
    experiment_id="e1",
    status="too_early",
    has_always_valid_harm=True,
    harm_experiment_id="e1",
    harm_metric="conversion_rate_7d",
)
_WEEK = Week(
    week_start_date=MONDAY,
    exposed_enabled_count=2_000,
    weekly_active_count=150,
    exposed_customer_count=4_000,
    at_risk_count=4_000,
    opt_out_count=28,
    helpful_count=60,
    helpful_answer_count=100,
    csat_positive_count=85,
    csat_answer_count=100,
    interaction_count=5_000,
)
_KINDS: dict[str, dict[str, Any]] = {
    # Nothing can be said of it: both levels are unclear.
    "plain": {},
    "used": {"weekly_active_count": 600},
    "trusted": {"opt_out_count": 8},
    "good": {"weekly_active_count": 600, "opt_out_count": 8},
    "bad": {"weekly_active_count": 600, "opt_out_count": 400},
    "unused": {"weekly_active_count": 20},
    "unused_bad": {"weekly_active_count": 20, "opt_out_count": 400},
    "blocked": {"is_blocked": True},
    "incident": {"reportable_incident_count": 1},
    "fix": {"has_fix": True},
    "pivot": {"has_pivot": True},
    "version": {"has_version": True},
    "override": {"has_override": True},
    "works": {"readout": WORKS},
    "neutral": {"readout": NEUTRAL},
    "harm": {"readout": HARM},
    "alarm": {"readout": ALARM},
}


def tell(*kinds: str | Week) -> list[Week]:
    """Make the weeks of a story, a word or several a week (`good+works`), `3*good` for three."""
    weeks: list[Week] = []
    for told in kinds:
        if isinstance(told, Week):
            weeks.append(told)
            continue
        times, _, kind = told.rpartition("*")
        changes: dict[str, Any] = {}
        for word in kind.split("+"):
            changes |= _KINDS[word]
        weeks += [replace(_WEEK, **changes)] * int(times or 1)
    return [
        replace(week, week_start_date=MONDAY + timedelta(weeks=position))
        for position, week in enumerate(weeks)
    ]


def judged(*kinds: str | Week, policy: VerdictPolicy = POLICY) -> list[Verdict]:
    """Judge a story."""
    return list(verdicts(tell(*kinds), policy=policy))


def ends(*kinds: str | Week, policy: VerdictPolicy = POLICY) -> tuple[str, str]:
    """Name the last verdict of a story and the rule that made it."""
    last = judged(*kinds, policy=policy)[-1]
    return last.state.verdict, last.rule


def week(**changes: Any) -> Week:
    """Make a week that is unlike a plain one."""
    return replace(_WEEK, **changes)
