"""One row a feature and week, from which alone the verdict can be explained."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from verdicts.explain import SEPARATOR, entry, next_step, reasons

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from verdicts.machine import Verdict
    from verdicts.policy import VerdictPolicy

# Column, and the figure of `Levels` it shows; those of other windows have other names elsewhere.
_RATES = {
    "engagement_rate": "engagement_rate",
    "weekly_opt_out_hazard": "opt_out_hazard",
    "recent_helpful_rate": "helpful_rate",
    "recent_opt_in_rate": "opt_in_rate",
    "recent_csat_positive_rate": "csat_positive_rate",
}


def _rate_fields(name: str) -> list[pa.Field]:
    return [
        pa.field(name, pa.float64()),
        pa.field(f"{name}_numerator", pa.int64()),
        pa.field(f"{name}_denominator", pa.int64()),
        pa.field(f"{name}_ci_lower", pa.float64()),
        pa.field(f"{name}_ci_upper", pa.float64()),
    ]


WEEKLY = pa.schema(
    [
        pa.field("feature_id", pa.string(), nullable=False),
        pa.field("week_start_date", pa.date32(), nullable=False),
        pa.field("engagement_level", pa.string(), nullable=False),
        pa.field("trust_level", pa.string(), nullable=False),
        pa.field("outcome", pa.string(), nullable=False),
        pa.field("verdict", pa.string(), nullable=False),
        pa.field("previous_verdict", pa.string()),
        pa.field("is_changed", pa.bool_(), nullable=False),
        pa.field("rule", pa.string(), nullable=False),
        pa.field("since_week_start_date", pa.date32(), nullable=False),
        pa.field("entered_because", pa.string(), nullable=False),
        pa.field("weeks_in_state", pa.int64(), nullable=False),
        pa.field("age_weeks", pa.int64(), nullable=False),
        pa.field("fix_cycle_count", pa.int64(), nullable=False),
        pa.field("clock_weeks_left", pa.int64()),
        pa.field("fixed_week_start_date", pa.date32()),
        pa.field("reasons", pa.string(), nullable=False),
        pa.field("next_step", pa.string(), nullable=False),
        pa.field("next_step_date", pa.date32()),
        pa.field("rollout_action", pa.string(), nullable=False),
        pa.field("is_decision_due", pa.bool_(), nullable=False),
        pa.field("is_vanity_trap", pa.bool_(), nullable=False),
        pa.field("has_track_gap", pa.bool_(), nullable=False),
        pa.field("has_quantitative", pa.bool_(), nullable=False),
        pa.field("has_qualitative", pa.bool_(), nullable=False),
        pa.field("is_blocked", pa.bool_(), nullable=False),
        pa.field("blocked_weeks", pa.int64(), nullable=False),
        pa.field("is_stale", pa.bool_(), nullable=False),
        pa.field("unused_weeks", pa.int64(), nullable=False),
        pa.field("distrust_weeks", pa.int64(), nullable=False),
        pa.field("recovery_weeks", pa.int64(), nullable=False),
        pa.field("qualifying_weeks", pa.int64(), nullable=False),
        pa.field("failing_weeks", pa.int64(), nullable=False),
        *(field for name in _RATES for field in _rate_fields(name)),
        pa.field("theme_spike_count", pa.int64(), nullable=False),
        pa.field("distrust_signals", pa.string(), nullable=False),
        pa.field("exposed_customer_count", pa.int64(), nullable=False),
        pa.field("interaction_count", pa.int64(), nullable=False),
        pa.field("reportable_incident_count", pa.int64(), nullable=False),
        pa.field("experiment_id", pa.string()),
        pa.field("metric_name", pa.string()),
        pa.field("absolute_lift", pa.float64()),
        pa.field("lift_ci_lower", pa.float64()),
        pa.field("lift_ci_upper", pa.float64()),
        pa.field("minimum_effect", pa.float64()),
        pa.field("runtime_days", pa.int64()),
        pa.field("harm_experiment_id", pa.string()),
        pa.field("harm_metric", pa.string()),
    ]
)


def rows_of(
    feature_id: str, verdicts: Iterable[Verdict], *, policy: VerdictPolicy
) -> Iterator[dict[str, object]]:
    """Give each of a feature's verdicts its row, the first week's first."""
    entered = ""
    for verdict in verdicts:
        if verdict.is_changed or verdict.previous is None:
            entered = entry(verdict, policy=policy)
        yield {"entered_because": entered, **_row_of(feature_id, verdict, policy)}


def _row_of(feature_id: str, verdict: Verdict, policy: VerdictPolicy) -> dict[str, object]:
    """Give a verdict its row; counters are those the rules saw."""
    week, levels, seen, state = verdict.week, verdict.levels, verdict.seen, verdict.state
    readout = week.readout
    is_over = verdict.rule == "fix_clock_ran_out"
    step, step_date = next_step(verdict, policy=policy)
    is_due = state.verdict == "watch" and state.weeks_in_state >= policy.decision_weeks
    row: dict[str, object] = {
        "feature_id": feature_id,
        "week_start_date": week.week_start_date,
        "engagement_level": levels.engagement,
        "trust_level": levels.trust,
        "outcome": readout.conclusion or "unknown",
        "verdict": state.verdict,
        "previous_verdict": verdict.previous,
        "is_changed": verdict.is_changed,
        "rule": verdict.rule,
        "since_week_start_date": state.since,
        "weeks_in_state": state.weeks_in_state,
        "age_weeks": seen.age_weeks,
        "fix_cycle_count": state.fix_cycle_count,
        "clock_weeks_left": 0 if is_over else state.clock_weeks_left,
        "fixed_week_start_date": seen.fixed_on if is_over else state.fixed_on,
        "reasons": SEPARATOR.join(reasons(verdict, policy=policy)),
        "next_step": step,
        "next_step_date": step_date,
        "rollout_action": verdict.rollout_action,
        "is_decision_due": is_due,
        "is_vanity_trap": levels.is_vanity_trap,
        "has_track_gap": not (levels.has_quantitative and levels.has_qualitative),
        "has_quantitative": levels.has_quantitative,
        "has_qualitative": levels.has_qualitative,
        "is_blocked": week.is_blocked,
        "blocked_weeks": state.blocked_weeks,
        "is_stale": state.blocked_weeks >= policy.stale_weeks,
        "theme_spike_count": levels.spike_count,
        "distrust_signals": ";".join(levels.distrust_signals),
        "harm_experiment_id": readout.harm_experiment_id,
        "harm_metric": readout.harm_metric,
    }
    counters = ("unused", "distrust", "recovery", "qualifying", "failing")
    row |= {f"{name}_weeks": getattr(seen, f"{name}_weeks") for name in counters}
    for name, figure in _RATES.items():
        rate = getattr(levels, figure)
        bounds = {f"{name}_ci_lower": rate.lower, f"{name}_ci_upper": rate.upper}
        counts = {f"{name}_numerator": rate.numerator, f"{name}_denominator": rate.denominator}
        row |= {name: rate.value, **counts, **bounds}
    for name in (
        "exposed_customer_count",
        "interaction_count",
        "reportable_incident_count",
    ):
        row[name] = getattr(week, name)
    for name in (
        "experiment_id",
        "metric_name",
        "absolute_lift",
        "lift_ci_lower",
        "lift_ci_upper",
        "minimum_effect",
        "runtime_days",
    ):
        row[name] = getattr(readout, name)
    return row
