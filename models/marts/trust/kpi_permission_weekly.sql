{%- set inputs = ["events", "permissions"] -%}
with weeks as (
    select
        *,
        {{ is_mature(add_days("week_start_date", 7 + var("permission_window_days"))) }} as is_mature
    from {{ ref("sums_permission_weekly") }}
),

compared as (
    select
        *,
        is_mature
        and prompt_count >= {{ var("min_sample") }}
        and rest_prompt_count >= {{ var("min_sample") }} as is_comparable
    from weeks
),

lifts as (
    select *
    from {{ source("inference", "permission_lifts") }}
),

data_through as (
    {{ data_through(inputs) }}
),

degraded as (
    {{ degraded_windows(inputs, days=var("permission_window_days")) }}
),

final as (
    select
        weeks.permission_scope,
        weeks.explanation_id,
        weeks.week_start_date,
        weeks.prompt_count as first_prompt_count,
        {{ rate_columns(
            "grant_rate", "weeks.grant_count", "weeks.prompt_count", "weeks.is_mature"
        ) }},
        case when weeks.is_comparable then lifts.absolute_lift end as explanation_lift,
        case when weeks.is_comparable then lifts.ci_lower end as explanation_lift_ci_lower,
        case when weeks.is_comparable then lifts.ci_upper end as explanation_lift_ci_upper,
        case when weeks.is_randomised then 'randomised' else 'observational' end as evidence_type,
        weeks.is_mature,
        data_through.data_through_date,
        case when degraded.week_start_date is null then 'ok' else 'degraded' end as data_quality
    from compared as weeks
    left join lifts
        on
            weeks.permission_scope = lifts.permission_scope
            and weeks.explanation_id = lifts.explanation_id
            and weeks.week_start_date = lifts.week_start_date
    left join degraded
        on weeks.week_start_date = degraded.week_start_date
    cross join data_through
)

select * from final
