"""Data that every gate accepts, and for each threshold what makes it refuse."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from duckdb import DuckDBPyConnection

from expectations.thresholds import load_thresholds
from tests.unit.expectations.worlds import batch, store_batches

AS_OF = datetime(2026, 1, 3, tzinfo=UTC)
DAY = "2026-01-02"
_BATCH_RULES = {rule.id: rule for rule in load_thresholds() if rule.gate == "batches"}
_MARTS = {
    "kpi_data_hygiene_daily": "0.99 as contract_pass_rate",
    "kpi_feature_adoption_weekly": "0.4 as adoption_rate",
    "kpi_return_adoption": "0.2 as return_adoption_rate",
    "kpi_micro_feedback_weekly": (
        "0.6 as helpful_rate, cast(0.7 as double) as helpful_rate_ci_upper, "
        "400 as helpful_rate_denominator, "
        "'calm' as model_behaviour, 'v1' as model_version, true as has_reason_shown, "
        "date '2025-12-22' - cast(7 * range as integer) as week_start_date"
    ),
    "kpi_identity_daily": (
        "0.7 as several_sources_rate, 5000 as customer_count, 21 as largest_cluster_size, "
        "20000 as identifier_count, 1000 as orphan_identifier_count, "
        "cast(0.01 as double) as conflicting_identifier_rate, "
        "4000 as conflicting_identifier_rate_denominator, "
        "date '2026-01-02' - cast(range as integer) as activity_date"
    ),
    "kpi_opt_out_daily": (
        "0.001 as opt_out_hazard, 5000 as opt_out_hazard_denominator, false as is_rising, "
        "'insights' as feature_id, 'e1' as experiment_id, 'treated' as variation_id, "
        "date '2026-01-02' - cast(range as integer) as activity_date"
    ),
    "kpi_support_themes_daily": (
        "10.0 as tickets_per_10k_exposed, false as is_spike, 400 as exposed_count, "
        "'noisy' as theme, 'insights' as feature_id, "
        "date '2026-01-02' - cast(range as integer) as activity_date"
    ),
    "kpi_csat_weekly": (
        "0.85 as csat_positive_rate, cast(0.9 as double) as csat_positive_rate_ci_upper, "
        "400 as csat_positive_rate_denominator, 1.0 as headline_weight, 'csat' as instrument, "
        "'all' as segment_type, date '2025-12-22' - cast(7 * range as integer) as week_start_date"
    ),
    "kpi_opt_in_weekly": (
        "0.2 as opt_in_rate, cast(0.25 as double) as opt_in_rate_ci_upper, "
        "400 as opt_in_rate_denominator, 'insights' as feature_id, "
        "date '2025-12-22' - cast(7 * range as integer) as week_start_date"
    ),
    "kpi_flow_recovery_weekly": (
        "0.85 as recovery_rate, cast(0.9 as double) as trigger_24h_rate_ci_upper, "
        "400 as trigger_24h_rate_denominator, 'loan' as flow_id, 'triggered' as follow_up, "
        "date '2025-12-22' - cast(7 * range as integer) as week_start_date"
    ),
    "kpi_coordination_weekly": (
        "0.02 as duplicate_message_rate, "
        "cast(0.01 as double) as duplicate_message_rate_ci_lower, "
        "400 as duplicate_message_rate_denominator, 'email' as channel_a, 'push' as channel_b, "
        "date '2025-12-22' - cast(7 * range as integer) as week_start_date"
    ),
    "kpi_conversion_weekly": (
        "0.2 as conversion_rate, false as is_conversion_falling, "
        "400 as conversion_rate_denominator, 'loans' as product_line, 'all' as segment_type, "
        "date '2025-12-22' - cast(7 * range as integer) as week_start_date"
    ),
    "kpi_targeting_weekly": (
        "0.02 as false_targeting_rate, cast(0.01 as double) as false_targeting_rate_ci_lower, "
        "400 as false_targeting_rate_denominator, 'insights' as feature_id, "
        "'calm' as model_behaviour, "
        "date '2025-12-22' - cast(7 * range as integer) as week_start_date"
    ),
    "kpi_experiment_health": (
        "'e' || (range % 3) as experiment_id, true as is_running, 4000 as treated_count, "
        "700 as holdout_count, false as is_srm_failed, false as is_holdout_out_of_range, "
        "false as has_always_valid_harm, 'ok' as readout_status"
    ),
    "kpi_compliance_daily": (
        "case when range % 2 = 0 then 'sanctions_hit' else 'filter_not_run' end as rule_id, "
        "range % 2 = 0 as is_reportable, 400 as served_count, 0 as incident_count, "
        "date '2026-01-02' - cast(range as integer) as activity_date"
    ),
    "kpi_feature_verdicts_weekly": (
        "0.2 as engagement_rate, 'insights' as feature_id, 'watch' as verdict, "
        "false as is_changed, "
        "false as is_decision_due, 'stay' as rule, 0 as blocked_weeks, "
        "date '2025-12-22' - cast(7 * range as integer) as week_start_date"
    ),
}
_ROWS = 100


@dataclass(frozen=True)
class Spoil:
    """Makes one threshold refuse.

    Attributes:
        subject: What it refuses.
        statements: What makes it so.
        severity: Where an override sets another than the rule's; empty for the rule's.
    """

    subject: str
    statements: tuple[str, ...]
    severity: str = ""

    def __call__(self, connection: DuckDBPyConnection) -> None:
        """Spoil the healthy world."""
        for statement in self.statements:
            connection.execute(statement)


def healthy_world(connection: DuckDBPyConnection) -> None:
    """Make what the gates judge: a batch for each rule, and marts with figures."""
    store_batches(connection, *(batch(1, table=rule_id) for rule_id in _BATCH_RULES))
    connection.execute(
        "create or replace table core.fct_source_freshness as select 'amplitude' as source_name, "
        f"date '{DAY}' as last_received_date, false as is_closed, 6.0::double as freshness_hours"
    )
    connection.execute(
        "create or replace table core.fct_volume_gaps as select 'amplitude' as source_name, "
        f"timestamp '{DAY}' + range * interval 1 hour as hour_start_at, 100 as received_count, "
        "40.0 as least_count, false as is_gap from range(24)"
    )
    connection.execute(
        "create or replace table core.fct_registry_faults (subject_type varchar, "
        "subject varchar, rule varchar, message varchar, is_current boolean, checked_date date)"
    )
    connection.execute("create schema if not exists marts")
    for mart, columns in _MARTS.items():
        connection.execute(
            f"create or replace table marts.{mart} as select {columns}, true as is_mature, "
            f"date '{DAY}' as data_through_date from range({_ROWS})"
        )


def publish(connection: DuckDBPyConnection, folder: Path) -> None:
    """Publish the mart that will lose rows; one that is emptied would lose its own as well."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "kpi_opt_out_daily.parquet"
    connection.execute(f"copy marts.kpi_opt_out_daily to '{file}' (format parquet)")


def _spoilt_batch(rule_id: str) -> Spoil:
    rule = _BATCH_RULES[rule_id]
    bound = rule.max if rule.max is not None else rule.min
    assert bound is not None
    figure = bound + 0.01 if rule.max is not None else bound - 0.01
    spoilt = f"set {rule.metric} = {figure} where table_name = '{rule_id}'"
    return Spoil(f"amplitude/{rule_id}/{DAY}", (f"update core.fct_batch_hygiene {spoilt}",))


DRILLS: dict[str, Spoil] = {
    # Every rate of a batch is tripped alike, so that a new one is drilled as soon as it is there.
    **{rule_id: _spoilt_batch(rule_id) for rule_id in _BATCH_RULES},
    "source_is_fresh": Spoil(
        "amplitude", ("update core.fct_source_freshness set freshness_hours = 400",)
    ),
    "no_volume_gaps": Spoil(
        f"amplitude/{DAY}",
        ("update core.fct_volume_gaps set is_gap = true where hour(hour_start_at) in (2, 3)",),
    ),
    "mart_is_filled": Spoil(
        "kpi_feature_adoption_weekly", ("delete from marts.kpi_feature_adoption_weekly",)
    ),
    "mart_keeps_its_rows": Spoil(
        "kpi_opt_out_daily",
        ("delete from marts.kpi_opt_out_daily where activity_date < date '2025-12-24'",),
    ),
    "mart_is_recent": Spoil(
        "kpi_return_adoption",
        ("update marts.kpi_return_adoption set data_through_date = date '2025-12-20'",),
    ),
    "headline_has_values": Spoil(
        "kpi_data_hygiene_daily",
        ("update marts.kpi_data_hygiene_daily set contract_pass_rate = null",),
    ),
    "no_giant_customer": Spoil(
        "kpi_identity_daily",
        ("update marts.kpi_identity_daily set largest_cluster_size = 101",),
    ),
    "orphans_do_not_jump": Spoil(
        "kpi_identity_daily",
        (
            (
                "update marts.kpi_identity_daily set orphan_identifier_count = 4000 "
                "where activity_date > date '2025-12-30'"
            ),
        ),
    ),
    "identities_do_not_conflict": Spoil(
        "kpi_identity_daily",
        ("update marts.kpi_identity_daily set conflicting_identifier_rate = 0.051",),
    ),
    "behaviour_is_helpful": Spoil(
        "helpfulness of calm, v1, reason shown",
        ("update marts.kpi_micro_feedback_weekly set helpful_rate_ci_upper = 0.29",),
    ),
    "opt_outs_do_not_rise": Spoil(
        "opt-outs from insights, e1, treated",
        ("update marts.kpi_opt_out_daily set is_rising = true",),
    ),
    "no_theme_spike": Spoil(
        "tickets about noisy, insights",
        ("update marts.kpi_support_themes_daily set is_spike = activity_date = '2025-12-29'",),
    ),
    "customers_are_satisfied": Spoil(
        "satisfaction by csat",
        ("update marts.kpi_csat_weekly set csat_positive_rate_ci_upper = 0.79",),
    ),
    "offers_are_taken_up": Spoil(
        "opt-ins to insights",
        ("update marts.kpi_opt_in_weekly set opt_in_rate_ci_upper = 0.11",),
    ),
    "follow_ups_go_out_in_time": Spoil(
        "follow-ups on loan",
        ("update marts.kpi_flow_recovery_weekly set trigger_24h_rate_ci_upper = 0.69",),
    ),
    "channels_do_not_repeat_each_other": Spoil(
        "messages by email and push",
        ("update marts.kpi_coordination_weekly set duplicate_message_rate_ci_lower = 0.101",),
    ),
    "conversion_does_not_fall": Spoil(
        "conversion to loans",
        ("update marts.kpi_conversion_weekly set is_conversion_falling = true",),
    ),
    "targets_are_right": Spoil(
        "targets of insights, calm",
        ("update marts.kpi_targeting_weekly set false_targeting_rate_ci_lower = 0.051",),
    ),
    "registry_keeps_its_rules": Spoil(
        "registration of experiment e1",
        (
            (
                "insert into core.fct_registry_faults values ('experiment', 'e1', "
                f"'holdout_share', 'holdout_share is 0.05', true, date '{DAY}')"
            ),
        ),
    ),
    "no_compliance_incident": Spoil(
        "incidents of filter_not_run",
        ("update marts.kpi_compliance_daily set incident_count = 1 where not is_reportable",),
    ),
    "no_reportable_incident": Spoil(
        "incidents of sanctions_hit",
        ("update marts.kpi_compliance_daily set incident_count = 1 where is_reportable",),
    ),
    "experiments_lose_nobody": Spoil(
        "split of e0",
        ("update marts.kpi_experiment_health set is_srm_failed = true where experiment_id = 'e0'",),
    ),
    "holdouts_are_of_size": Spoil(
        "holdout of e1",
        (
            (
                "update marts.kpi_experiment_health set is_holdout_out_of_range = true "
                "where experiment_id = 'e1'"
            ),
        ),
    ),
    "guardrails_hold": Spoil(
        "guardrails of e2",
        (
            (
                "update marts.kpi_experiment_health set has_always_valid_harm = true "
                "where experiment_id = 'e2'"
            ),
        ),
    ),
    "verdicts_stand": Spoil(
        "verdict of insights: watch",
        ("update marts.kpi_feature_verdicts_weekly set is_changed = true",),
    ),
    "decisions_are_taken": Spoil(
        "decision on insights",
        ("update marts.kpi_feature_verdicts_weekly set is_decision_due = true",),
    ),
    "fixes_keep_their_time": Spoil(
        "fix of insights",
        ("update marts.kpi_feature_verdicts_weekly set rule = 'fix_clock_ran_out'",),
    ),
    "verdicts_rest_on_data": Spoil(
        "data on insights",
        ("update marts.kpi_feature_verdicts_weekly set blocked_weeks = 3",),
    ),
}
