{%- set inputs = [
    "events", "preferences", "feedback", "tickets", "permissions", "offers_to_opt_in",
] -%}
{%- set window_days = [
    var("opt_in_window_days"), var("permission_window_days"), var("feedback_window_days"),
] | max -%}
{%- set components = ["opt_out", "opt_in", "permission", "theme_ticket", "helpful"] -%}
with weeks as (
    select
        feature_id,
        week_start_date,
        {{ is_mature(add_days("week_start_date", 7 + window_days)) }} as is_mature
    from {{ ref("sums_trust_weekly") }}
    group by feature_id, week_start_date
),

components as (
    select
        feature_id,
        week_start_date,
        {%- for component in components %}
        {%- for figure in ["value", "baseline", "z"] %}
        max(case when component = '{{ component }}' then {{ figure }} end)
            as {{ component }}_{{ figure }},
        {%- endfor %}
        {%- endfor %}
        max(trust_score) as trust_score,
        count(z) as component_count
    from {{ source("inference", "trust_scores") }}
    group by feature_id, week_start_date
),

data_through as (
    {{ data_through(inputs) }}
),

degraded as (
    {{ degraded_windows(inputs, days=window_days) }}
),

final as (
    select
        weeks.feature_id,
        weeks.week_start_date,
        {%- for component in components %}
        {%- for figure in ["value", "baseline", "z"] %}
        components.{{ component }}_{{ figure }},
        {%- endfor %}
        {%- endfor %}
        case when weeks.is_mature then components.trust_score end as trust_score,
        cast(coalesce(components.component_count, 0) as bigint) as component_count,
        weeks.is_mature,
        data_through.data_through_date,
        case when degraded.week_start_date is null then 'ok' else 'degraded' end as data_quality
    from weeks
    left join components
        on
            weeks.feature_id = components.feature_id
            and weeks.week_start_date = components.week_start_date
    left join degraded
        on weeks.week_start_date = degraded.week_start_date
    cross join data_through
)

select * from final
