"""The stage: sums in, figures out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from inference.abandonment import infer_abandonment
from inference.channel_lifetimes import infer_channel_lifetimes
from inference.clustered_ratios import infer_clustered_ratios
from inference.early_actions import infer_early_actions
from inference.experiment_cuts import SUMS
from inference.experiment_health import infer_experiment_health
from inference.experiment_readouts import infer_experiment_readouts
from inference.experiment_weeks import infer_experiment_weeks
from inference.flow_lifts import infer_flow_lifts
from inference.goal_waits import infer_goal_waits
from inference.high_value_features import infer_high_value_features
from inference.opt_out_curves import infer_opt_out_curves
from inference.opt_out_trends import infer_opt_out_trends
from inference.permission_lifts import infer_permission_lifts
from inference.policy_values import infer_policy_values
from inference.satisfaction_drivers import infer_satisfaction_drivers
from inference.savings_rates import infer_savings_rates
from inference.theme_spikes import infer_theme_spikes
from inference.trust_scores import infer_trust_scores
from warehouse import read_frame, write_table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import duckdb
    import pyarrow as pa

_RATIO_SUMS = """
    select
        kpi_name,
        metric_name,
        cell_key,
        family_key,
        cast(customer_count as bigint) as customer_count,
        cast(sum_y as double) as sum_y,
        cast(sum_x as double) as sum_x,
        cast(sum_yy as double) as sum_yy,
        cast(sum_xy as double) as sum_xy,
        cast(sum_xx as double) as sum_xx
    from marts.sums_clustered_ratios
    order by kpi_name, metric_name, family_key, cell_key
"""
_OPT_OUT_STRATA = """
    select
        feature_id,
        experiment_id,
        variation_id,
        activity_date,
        cast(before_at_risk as double) as before_at_risk,
        cast(before_opt_outs as double) as before_opt_outs,
        cast(after_at_risk as double) as after_at_risk,
        cast(after_opt_outs as double) as after_opt_outs
    from marts.sums_opt_out_strata
    order by feature_id, experiment_id, variation_id, activity_date, stratum
"""
_POLICY_REWARDS = """
    select
        logged_policy_id,
        reward_name,
        month_start_date,
        customer_key,
        action_list_key,
        action_id,
        cast(decision_count as double) as decision_count,
        cast(reward_sum as double) as reward_sum,
        cast(inverse_sum as double) as inverse_sum,
        cast(squared_inverse_sum as double) as squared_inverse_sum,
        cast(largest_inverse as double) as largest_inverse,
        cast(weighted_reward_sum as double) as weighted_reward_sum
    from marts.sums_policy_rewards
"""
_POLICY_ACTIONS = """
    select action_list_key, action_id
    from marts.sums_policy_actions
    order by action_list_key, action_id
"""
_FLOW_RECOVERIES = """
    select
        flow_id,
        follow_up,
        week_start_date,
        cast(customer_count as double) as customer_count,
        cast(sum_y as double) as sum_y,
        cast(sum_x as double) as sum_x,
        cast(sum_yy as double) as sum_yy,
        cast(sum_xy as double) as sum_xy,
        cast(sum_xx as double) as sum_xx
    from marts.sums_flow_recovery_to_date
    order by flow_id, follow_up, week_start_date
"""
_CHANNEL_LIVES = """
    select channel_count, is_ai_coordinated, duration_days, at_risk_count, event_count
    from marts.sums_channel_life_tables
    order by channel_count, is_ai_coordinated, duration_days
"""
_GOAL_WAITS = """
    select
        feature_id,
        experiment_id,
        variation_id,
        variation_role,
        duration_days,
        at_risk_count,
        event_count
    from marts.sums_goal_life_tables
    order by experiment_id, variation_id, duration_days
"""
_OPT_OUT_LIFE_TABLES = """
    select
        feature_id,
        cohort_week_start_date,
        day_number,
        at_risk_count,
        opt_out_count
    from marts.sums_opt_out_life_tables
    order by feature_id, cohort_week_start_date, day_number
"""
_PERMISSION_WEEKS = """
    select
        permission_scope,
        explanation_id,
        week_start_date,
        prompt_count,
        grant_count,
        rest_prompt_count,
        rest_grant_count
    from marts.sums_permission_weekly
"""
_SAVINGS = """
    select
        month_start_date,
        experiment_id,
        variation_id,
        segment_type,
        segment_value,
        cast(customer_count as bigint) as customer_count,
        cast(sum_y as double) as sum_y,
        cast(sum_x as double) as sum_x,
        cast(sum_yy as double) as sum_yy,
        cast(sum_xy as double) as sum_xy,
        cast(sum_xx as double) as sum_xx
    from marts.sums_savings_monthly
"""

_SATISFACTION_SCORES = """
    select
        cast(customer_id as string) as customer_id,
        cast(satisfaction as double) as satisfaction,
        cast(needs_met as double) as needs_met,
        cast(trust as double) as trust,
        cast(experience as double) as experience,
        cast(ease as double) as ease
    from marts.sums_satisfaction_scores
    order by customer_id, source_name, prompt_id
"""
_SUPPORT_THEMES = """
    select
        theme,
        feature_id,
        activity_date,
        cast(ticket_count as double) as ticket_count,
        cast(exposed_count as double) as exposed_count
    from marts.sums_support_themes_daily
    order by theme, feature_id, activity_date
"""
_ABANDONMENT = "from marts.sums_abandonment order by flow_id, step, activity_decile"
_EARLY_ACTIONS = """
    from marts.sums_early_actions order by action_name, threshold, half, early_day_count
"""
_TRUST_COMPONENTS = """
    select
        component,
        feature_id,
        week_start_date,
        numerator,
        denominator,
        direction,
        cast(weight as double) as weight,
        baseline_weeks
    from marts.sums_trust_weekly
    where is_known
"""
_FEATURE_VALUE = "from marts.sums_feature_value order by feature_id"
_EXPERIMENTS = """
    select * replace (cast(money_cap as double) as money_cap)
    from marts.sums_experiments
    order by experiment_id
"""
_METRICS = "from seeds.experiment_metrics order by metric_name"
_EXPERIMENT_DAYS = f"""
    select
        experiment_id,
        feature_id,
        variation_id,
        variation_role,
        metric_name,
        enrolled_date,
        segment_type,
        segment_value,
        {", ".join(f"cast({name} as double) as {name}" for name in SUMS)}
    from marts.sums_experiment_daily
    {{condition}}
    order by
        experiment_id, metric_name, segment_type, segment_value, variation_id, enrolled_date
"""
_EXPERIMENT_WAITS = """
    from marts.sums_experiment_life_tables
    {condition}
    order by
        experiment_id, segment_type, segment_value, variation_id, enrolled_date, duration_days
"""
_EXPERIMENT_HEALTH = """
    select
        columns('^(experiment_id|variation_.*|enrolled_.*)$'),
        cast(columns('^(n|sum)_') as double)
    from marts.sums_experiment_health
    order by experiment_id, variation_id, enrolled_date
"""
_EVERYBODY = "where segment_type = 'all'"
_EXPERIMENT_SUMS = (
    _EXPERIMENTS,
    _METRICS,
    _EXPERIMENT_DAYS.format(condition=_EVERYBODY),
    _EXPERIMENT_WAITS.format(condition=_EVERYBODY),
    _EXPERIMENT_HEALTH,
)
_SEGMENT_SUMS = (
    _EXPERIMENTS,
    _METRICS,
    _EXPERIMENT_DAYS.format(condition=""),
    _EXPERIMENT_WAITS.format(condition=""),
    _EXPERIMENT_HEALTH,
)


@dataclass(frozen=True)
class _Step:
    """One table of the stage.

    Attributes:
        table: Its name, in schema `inference`.
        infer: Makes it, of one frame a query.
        queries: What it is made from.
    """

    table: str
    infer: Callable[..., pa.Table]
    queries: tuple[str, ...]


_STEPS = (
    _Step("clustered_ratios", infer_clustered_ratios, (_RATIO_SUMS,)),
    _Step("channel_lifetimes", infer_channel_lifetimes, (_CHANNEL_LIVES,)),
    _Step("goal_waits", infer_goal_waits, (_GOAL_WAITS,)),
    _Step("savings_rates", infer_savings_rates, (_SAVINGS,)),
    _Step("opt_out_trends", infer_opt_out_trends, (_OPT_OUT_STRATA,)),
    _Step("flow_lifts", infer_flow_lifts, (_FLOW_RECOVERIES,)),
    _Step("abandonment", infer_abandonment, (_ABANDONMENT,)),
    _Step("early_actions", infer_early_actions, (_EARLY_ACTIONS,)),
    _Step("high_value_features", infer_high_value_features, (_FEATURE_VALUE,)),
    _Step("policy_values", infer_policy_values, (_POLICY_REWARDS, _POLICY_ACTIONS)),
    _Step("satisfaction_drivers", infer_satisfaction_drivers, (_SATISFACTION_SCORES,)),
    _Step("theme_spikes", infer_theme_spikes, (_SUPPORT_THEMES,)),
    _Step("opt_out_curves", infer_opt_out_curves, (_OPT_OUT_LIFE_TABLES,)),
    _Step("permission_lifts", infer_permission_lifts, (_PERMISSION_WEEKS,)),
    _Step("trust_scores", infer_trust_scores, (_TRUST_COMPONENTS,)),
    _Step("experiment_health", infer_experiment_health, _EXPERIMENT_SUMS),
    _Step("experiment_weeks", infer_experiment_weeks, _EXPERIMENT_SUMS),
    _Step("experiment_readouts", infer_experiment_readouts, _SEGMENT_SUMS),
)


def run(connection: duckdb.DuckDBPyConnection) -> Mapping[str, int]:
    """Write every table of schema `inference`.

    Args:
        connection: the build database, with the marts tagged `sums`.

    Returns:
        Rows by table; a row may hold NULLs for want of data.
    """
    row_counts = {}
    for step in _STEPS:
        table = step.infer(*(read_frame(connection, query) for query in step.queries))
        write_table(connection, f"inference.{step.table}", table)
        row_counts[step.table] = table.num_rows
    return row_counts
