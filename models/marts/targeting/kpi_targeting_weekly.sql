{%- set inputs = [
    "decisions", "events", "feedback", "customers", "eligibility", "holdings", "preferences",
    "content",
] -%}
{%- set kinds = [
    "ineligible", "wrong_customer", "stale_snapshot", "after_opt_out", "already_owned",
    "wrong_lifecycle_stage", "riskier_content", "not_relevant", "quick_dismissal",
] -%}
{%- set rates = {
    "false_targeting_rate": ["false_target_count", "served_count"],
    "rule_fault_rate": ["rule_fault_count", "served_count"],
    "perceived_irrelevance_rate": ["perceived_irrelevant_count", "served_count"],
    "topic_match_rate": ["topic_matched_count", "topic_known_count"],
    "risk_match_rate": ["risk_matched_count", "risk_known_count"],
    "near_threshold_false_targeting_rate": [
        "near_threshold_false_target_count", "near_threshold_count",
    ],
} -%}
with weeks as (
    select
        feature_id,
        model_behaviour,
        week_start_date,
        {{ targeting_cell_key() }} as cell_key,
        count(*) as customer_count,
        {%- for kind in kinds %}
        cast(sum({{ kind }}_count) as bigint) as {{ kind }}_count,
        {%- endfor %}
        {%- for part in rates.values() | sum(start=[]) | unique %}
        cast(sum({{ part }}) as bigint) as {{ part }},
        {%- endfor %}
        min(score_threshold_min) as score_threshold_min,
        max(score_threshold_max) as score_threshold_max,
        -- What customers think of it may come a week later.
        {{ is_mature(add_days("week_start_date", 7 + var("feedback_window_days"))) }} as is_mature
    from {{ ref("sums_targeting_customer_weekly") }}
    group by feature_id, model_behaviour, week_start_date
),

{% for rate in rates %}
{{ rate }}s as (
    {{ readouts_of("kpi_targeting_weekly", rate) }}
),

{% endfor -%}
data_through as (
    {{ data_through(inputs) }}
),

degraded as (
    {{ degraded_windows(inputs, days=var("feedback_window_days")) }}
),

final as (
    select
        weeks.feature_id,
        weeks.model_behaviour,
        weeks.week_start_date,
        weeks.customer_count,
        weeks.served_count,
        {%- for kind in kinds %}
        weeks.{{ kind }}_count,
        {%- endfor %}
        {%- for rate, parts in rates.items() %}
        {{ clustered_rate_columns(
            rate, "weeks." ~ parts[0], "weeks." ~ parts[1], rate ~ "s", "weeks.is_mature"
        ) }},
        {%- endfor %}
        cast({{ var("target_false_targeting_rate") }} as double) as false_targeting_rate_target,
        {{ rate("weeks.false_target_count", "weeks.served_count", "weeks.is_mature") }}
        < {{ var("target_false_targeting_rate") }} as is_false_targeting_rate_target_met,
        weeks.score_threshold_min,
        weeks.score_threshold_max,
        weeks.is_mature,
        data_through.data_through_date,
        case when degraded.week_start_date is null then 'ok' else 'degraded' end as data_quality
    from weeks
    left join degraded
        on weeks.week_start_date = degraded.week_start_date
    {%- for rate in rates %}
    left join {{ rate }}s
        on weeks.cell_key = {{ rate }}s.cell_key
    {%- endfor %}
    cross join data_through
)

select * from final
