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
    select
        'kpi_feature_adoption_weekly' as kpi_name,
        'frustrated_tap_rate' as metric_name,
        feature_id || ' ' || cast(week_start_date as string) as cell_key,
        feature_id || ' ' || cast(week_start_date as string) as family_key,
        frustrated_count as y,
        interaction_count as x
    from {{ ref("sums_feature_customer_weekly") }}
    union all
    select
        'kpi_support_service_weekly' as kpi_name,
        'reopen_rate' as metric_name,
        feature_id || ' ' || cast(week_start_date as string) as cell_key,
        feature_id || ' ' || cast(week_start_date as string) as family_key,
        reopened_count as y,
        solved_count as x
    from {{ ref("sums_support_customer_weekly") }}
    {%- for metric, y, x in [
        ("csat_positive_rate", "positive_count", "score_count"),
        ("response_rate", "responded_count", "invited_count"),
        ("agreement_rate", "agreed_count", "compared_count"),
    ] %}
    union all
    select
        'kpi_csat_weekly' as kpi_name,
        '{{ metric }}' as metric_name,
        {{ survey_cell_key() }} as cell_key,
        {{ survey_cell_key() }} as family_key,
        {{ y }} as y,
        {{ x }} as x
    from {{ ref("sums_survey_customer_weekly") }}
    {%- endfor %}
    union all
    select
        'kpi_micro_feedback_weekly' as kpi_name,
        'helpful_rate' as metric_name,
        {{ feedback_cell_key() }} as cell_key,
        cast(week_start_date as string) as family_key,
        yes_count as y,
        yes_count + no_count as x
    from {{ ref("sums_feedback_customer_weekly") }}
    union all
    select
        'kpi_micro_feedback_weekly' as kpi_name,
        'response_rate' as metric_name,
        {{ feedback_cell_key() }} as cell_key,
        {{ feedback_cell_key() }} as family_key,
        yes_count + no_count as y,
        prompted_count as x
    from {{ ref("sums_feedback_customer_weekly") }}
    {%- for metric, parts in targeting_rates.items() %}
    union all
    select
        'kpi_targeting_weekly' as kpi_name,
        '{{ metric }}' as metric_name,
        {{ targeting_cell_key() }} as cell_key,
        {{ targeting_cell_key() }} as family_key,
        {{ parts[0] }} as y,
        {{ parts[1] }} as x
    from {{ ref("sums_targeting_customer_weekly") }}
    {%- endfor %}
    {%- for metric, parts in control_rates.items() %}
    union all
    select
        'kpi_compliance_controls_weekly' as kpi_name,
        '{{ metric }}' as metric_name,
        cast(week_start_date as string) as cell_key,
        cast(week_start_date as string) as family_key,
        {{ parts[0] }} as y,
        {{ parts[1] }} as x
    from {{ ref("sums_controls_customer_weekly") }}
    {%- endfor %}
    union all
    select
        kpi_name,
        metric_name,
        cell_key,
        cell_key as family_key,
        y,
        x
    from {{ ref("sums_channel_cells") }}
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
