{#-
    The sums from which `inference` makes intervals clustered by customer: per cell the number of customers and
    the sums of numerator y, denominator x and their products. Cells of one family are compared with each other.
-#}
{%- set targeting_rates = {
    "false_targeting_rate": ["false_target_count", "served_count"],
    "rule_fault_rate": ["rule_fault_count", "served_count"],
    "perceived_irrelevance_rate": ["perceived_irrelevant_count", "served_count"],
    "near_threshold_false_targeting_rate": [
        "near_threshold_false_target_count", "near_threshold_count",
    ],
    "topic_match_rate": ["topic_matched_count", "topic_known_count"],
    "risk_match_rate": ["risk_matched_count", "risk_known_count"],
} -%}
{%- set control_rates = {
    "block_rate": ["blocked_count", "candidate_count"],
    "unfiltered_rate": ["unfiltered_count", "candidate_count"],
    "overturn_rate": ["overturned_count", "reviewed_count"],
    "reason_shown_rate": ["reason_shown_count", "served_count"],
    "sensitive_without_consent_rate": ["unpermitted_count", "sensitive_count"],
} -%}
with customer_cells as (
    {{ clustered_cells(
        "kpi_feature_adoption_weekly",
        ref("sums_feature_customer_weekly"),
        "feature_id || ' ' || cast(week_start_date as string)",
        {"frustrated_tap_rate": ["frustrated_count", "interaction_count"]},
    ) }}
    union all
    {{ clustered_cells(
        "kpi_support_service_weekly",
        ref("sums_support_customer_weekly"),
        "feature_id || ' ' || cast(week_start_date as string)",
        {"reopen_rate": ["reopened_count", "solved_count"]},
    ) }}
    union all
    {{ clustered_cells(
        "kpi_csat_weekly",
        ref("sums_survey_customer_weekly"),
        survey_cell_key(),
        {
            "csat_positive_rate": ["positive_count", "score_count"],
            "response_rate": ["responded_count", "invited_count"],
            "agreement_rate": ["agreed_count", "compared_count"],
        },
    ) }}
    union all
    {{ clustered_cells(
        "kpi_micro_feedback_weekly",
        ref("sums_feedback_customer_weekly"),
        feedback_cell_key(),
        {"helpful_rate": ["yes_count", "yes_count + no_count"]},
        family_key="cast(week_start_date as string)",
    ) }}
    union all
    {{ clustered_cells(
        "kpi_micro_feedback_weekly",
        ref("sums_feedback_customer_weekly"),
        feedback_cell_key(),
        {"response_rate": ["yes_count + no_count", "prompted_count"]},
    ) }}
    union all
    {{ clustered_cells(
        "kpi_insight_outcomes_weekly",
        ref("sums_insight_customer_weekly"),
        insight_cell_key(),
        insight_rates(),
    ) }}
    union all
    {{ clustered_cells(
        "kpi_user_control_weekly",
        ref("sums_decision_responses_weekly"),
        "cast(week_start_date as string)",
        response_rates(),
    ) }}
    union all
    {{ clustered_cells(
        "kpi_content_weekly",
        ref("sums_content_customer_weekly"),
        "content_tag || ' ' || cast(week_start_date as string)",
        content_rates(),
    ) }}
    union all
    {{ clustered_cells(
        "kpi_targeting_weekly",
        ref("sums_targeting_customer_weekly"),
        targeting_cell_key(),
        targeting_rates,
    ) }}
    union all
    {{ clustered_cells(
        "kpi_compliance_controls_weekly",
        ref("sums_controls_customer_weekly"),
        "cast(week_start_date as string)",
        control_rates,
    ) }}
    union all
    select
        kpi_name,
        metric_name,
        cell_key,
        cell_key as family_key,
        y,
        x
    from {{ ref("sums_channel_cells") }}
    union all
    select
        kpi_name,
        metric_name,
        cell_key,
        cell_key as family_key,
        y,
        x
    from {{ ref("sums_decision_cells") }}
),

final as (
    select
        kpi_name,
        metric_name,
        cell_key,
        family_key,
        count(*) as customer_count,
        cast(sum(y) as bigint) as sum_y,
        cast(sum(x) as bigint) as sum_x,
        cast(sum(y * y) as bigint) as sum_yy,
        cast(sum(x * y) as bigint) as sum_xy,
        cast(sum(x * x) as bigint) as sum_xx
    from customer_cells
    where x > 0
    group by kpi_name, metric_name, cell_key, family_key
)

select * from final
