from __future__ import annotations

import duckdb
import pytest

import inference

SUMS = """
    create schema marts;
    create table marts.sums_clustered_ratios (
        kpi_name varchar, metric_name varchar, cell_key varchar, family_key varchar,
        customer_count bigint, sum_y bigint, sum_x bigint,
        sum_yy decimal(38, 0), sum_xy decimal(38, 0), sum_xx decimal(38, 0)
    );
    create table marts.sums_opt_out_strata (
        feature_id varchar, experiment_id varchar, variation_id varchar, activity_date date,
        stratum integer, before_at_risk bigint, before_opt_outs bigint,
        after_at_risk bigint, after_opt_outs bigint
    );
    create table marts.sums_channel_life_tables (
        channel_count bigint, is_ai_coordinated boolean, duration_days bigint,
        at_risk_count bigint, event_count bigint
    );
    create table marts.sums_goal_life_tables (
        feature_id varchar, experiment_id varchar, variation_id varchar, variation_role varchar,
        duration_days bigint, at_risk_count bigint, event_count bigint
    );
    create table marts.sums_savings_monthly (
        month_start_date date, experiment_id varchar, variation_id varchar, segment_type varchar,
        segment_value varchar, customer_count bigint, sum_y decimal(38, 2), sum_x decimal(38, 2),
        sum_yy decimal(38, 4), sum_xy decimal(38, 4), sum_xx decimal(38, 4)
    );
    create table marts.sums_flow_recovery_to_date (
        flow_id varchar, follow_up varchar, week_start_date date, customer_count bigint,
        sum_y bigint, sum_x bigint, sum_yy bigint, sum_xy bigint, sum_xx bigint
    );
    create table marts.sums_satisfaction_scores (
        customer_id bigint, source_name varchar, prompt_id varchar, satisfaction double,
        needs_met double, trust double, experience double, ease double
    );
    create table marts.sums_support_themes_daily (
        theme varchar, feature_id varchar, activity_date date, exposed_count bigint,
        ticket_count bigint, customer_count bigint
    );
    create table marts.sums_abandonment (
        flow_id varchar, step varchar, activity_decile bigint, abandoned_count bigint,
        abandoned_inactive_count bigint, completed_count bigint, completed_inactive_count bigint
    );
    create table marts.sums_early_actions (
        action_name varchar, threshold integer, half varchar, early_day_count bigint,
        is_same_activity boolean, fdr_level double, min_customer_count integer,
        true_positive_count bigint, false_positive_count bigint, false_negative_count bigint,
        true_negative_count bigint
    );
    create table marts.sums_feature_value (
        feature_id varchar, top_count bigint, top_used_count bigint, rest_count bigint,
        rest_used_count bigint
    );
    create table marts.sums_policy_actions (action_list_key varchar, action_id varchar);
    create table marts.sums_policy_rewards (
        logged_policy_id varchar, reward_name varchar, month_start_date date,
        customer_key varchar, action_list_key varchar, action_id varchar, decision_count bigint,
        reward_sum decimal(38, 12), inverse_sum decimal(38, 12),
        squared_inverse_sum decimal(38, 12), largest_inverse decimal(24, 12),
        weighted_reward_sum decimal(38, 12)
    );
    create table marts.sums_opt_out_life_tables (
        feature_id varchar, cohort_week_start_date date, day_number bigint,
        at_risk_count bigint, opt_out_count bigint
    );
    create table marts.sums_trust_weekly (
        component varchar, feature_id varchar, week_start_date date, numerator bigint,
        denominator bigint, direction integer, weight decimal(4, 2), baseline_weeks integer,
        is_known boolean
    );
    create table marts.sums_permission_weekly (
        permission_scope varchar, explanation_id varchar, week_start_date date,
        prompt_count bigint, grant_count bigint, rest_prompt_count bigint, rest_grant_count bigint
    );
    create schema seeds;
    create table seeds.experiment_metrics (
        metric_name varchar, method varchar, window_days bigint, better varchar,
        effect_kind varchar, minimum_effect double, is_mandatory boolean, is_guardrail boolean,
        is_treated_only boolean, is_vanity boolean, description varchar
    );
    create table marts.sums_experiments (
        experiment_id varchar, feature_id varchar, kind varchar, started_date date,
        ended_date date, is_running boolean, runtime_days bigint, planned_days bigint,
        planned_holdout_share double, primary_metric varchar, minimum_effect double,
        mandatory_metrics varchar, money_cap decimal(18, 2), mixed_count bigint,
        overlapping_release_count bigint, as_of_date date, lateness_days bigint, min_days bigint,
        holdout_share_min double, holdout_share_max double, min_sample bigint
    );
    create table marts.sums_experiment_daily (
        experiment_id varchar, feature_id varchar, variation_id varchar, variation_role varchar,
        metric_name varchar, enrolled_date date, segment_type varchar, segment_value varchar,
        customer_count bigint, sum_y decimal(38, 4), sum_yy decimal(38, 4), sum_x decimal(38, 4),
        sum_xx decimal(38, 4), sum_xy decimal(38, 4), sum_c decimal(38, 4), sum_cc decimal(38, 4),
        sum_yc decimal(38, 4), sum_d decimal(38, 4), sum_dd decimal(38, 4), sum_cd decimal(38, 4),
        sum_xc decimal(38, 4), sum_yd decimal(38, 4), sum_xd decimal(38, 4)
    );
    create table marts.sums_experiment_life_tables (
        experiment_id varchar, feature_id varchar, variation_id varchar, variation_role varchar,
        enrolled_date date, segment_type varchar, segment_value varchar, duration_days bigint,
        exit_count bigint, event_count bigint
    );
    create table marts.sums_experiment_health (
        experiment_id varchar, feature_id varchar, variation_id varchar, variation_role varchar,
        enrolled_date date, enrolled_count bigint,
        n_outcome_before bigint, sum_outcome_before decimal(38, 4),
        sum_outcome_before_squared decimal(38, 4), n_tenure bigint, sum_tenure decimal(38, 4),
        sum_tenure_squared decimal(38, 4), n_risk bigint, sum_risk decimal(38, 4),
        sum_risk_squared decimal(38, 4), n_novelty bigint, sum_novelty decimal(38, 4),
        sum_novelty_squared decimal(38, 4)
    );
"""


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(SUMS)
    return connection


def columns(connection: duckdb.DuckDBPyConnection, table: str) -> list[tuple[str, str]]:
    return connection.execute(
        "select column_name, data_type from information_schema.columns "
        "where table_schema = 'inference' and table_name = ? order by ordinal_position",
        [table],
    ).fetchall()


def test_empty_sums_make_empty_typed_tables(connection: duckdb.DuckDBPyConnection) -> None:
    assert set(inference.run(connection).values()) == {0}
    assert columns(connection, "clustered_ratios") == [
        ("kpi_name", "VARCHAR"),
        ("metric_name", "VARCHAR"),
        ("cell_key", "VARCHAR"),
        ("ci_lower", "DOUBLE"),
        ("ci_upper", "DOUBLE"),
        ("rest_value", "DOUBLE"),
        ("difference", "DOUBLE"),
        ("p_value", "DOUBLE"),
        ("fdr_p_value", "DOUBLE"),
    ]
    assert columns(connection, "opt_out_trends") == [
        ("feature_id", "VARCHAR"),
        ("experiment_id", "VARCHAR"),
        ("variation_id", "VARCHAR"),
        ("activity_date", "DATE"),
        ("odds_ratio", "DOUBLE"),
        ("p_value", "DOUBLE"),
        ("is_rising", "BOOLEAN"),
    ]
    assert columns(connection, "opt_out_curves") == [
        ("feature_id", "VARCHAR"),
        ("cohort_week_start_date", "DATE"),
        ("window_days", "BIGINT"),
        ("value", "DOUBLE"),
        ("ci_lower", "DOUBLE"),
        ("ci_upper", "DOUBLE"),
    ]
    assert columns(connection, "trust_scores") == [
        ("feature_id", "VARCHAR"),
        ("week_start_date", "DATE"),
        ("component", "VARCHAR"),
        ("value", "DOUBLE"),
        ("baseline", "DOUBLE"),
        ("z", "DOUBLE"),
        ("trust_score", "DOUBLE"),
    ]
    assert columns(connection, "permission_lifts") == [
        ("permission_scope", "VARCHAR"),
        ("explanation_id", "VARCHAR"),
        ("week_start_date", "DATE"),
        ("absolute_lift", "DOUBLE"),
        ("ci_lower", "DOUBLE"),
        ("ci_upper", "DOUBLE"),
    ]


def test_what_can_not_be_said_is_null_and_never_nan(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        "insert into marts.sums_clustered_ratios values "
        "('k', 'm', 'a', 'f', 50, 60, 100, 90, 130, 240),"
        "('k', 'm', 'b', 'f', 50, 40, 100, 60, 100, 240),"
        "('k', 'm', 'c', 'f', 1, 1, 1, 1, 1, 1)"
    )
    connection.execute(
        "insert into marts.sums_opt_out_strata values "
        "('f', 'e', 'v', '2026-03-01', 0, 1000, 1, 1000, 1),"
        "('f', 'e', 'v', '2026-03-02', 0, 1000, 10, 1000, 30)"
    )
    row_counts = inference.run(connection)
    assert (row_counts["clustered_ratios"], row_counts["opt_out_trends"]) == (3, 2)
    ratios = connection.execute(
        "select cell_key, ci_lower is null, p_value is null, isnan(coalesce(ci_lower, 0)) "
        "from inference.clustered_ratios order by cell_key"
    ).fetchall()
    assert ratios == [
        ("a", False, False, False),
        ("b", False, False, False),
        ("c", True, True, False),
    ]
    trends = connection.execute(
        "select odds_ratio is null, is_rising from inference.opt_out_trends order by activity_date"
    ).fetchall()
    assert trends == [(True, None), (False, True)]
    first = connection.execute("from inference.clustered_ratios").fetchall()
    inference.run(connection)
    assert connection.execute("from inference.clustered_ratios").fetchall() == first
