{%- set inputs = ["events", "preferences"] -%}
with cohorts as (
    select
        *,
        -- Closed when the last possible first user of the week has had all of the window.
        {{ is_mature(add_days("cohort_week_start_date", 20)) }} as is_mature
    from {{ ref("sums_return_cohorts") }}
),

data_through as (
    {{ data_through(inputs) }}
),

degraded as (
    {{ degraded_windows(inputs, days=14) }}
),

final as (
    select
        cohorts.feature_id,
        cohorts.cohort_week_start_date,
        cohorts.first_time_user_count,
        {{ rate_columns(
            "return_adoption_rate",
            "cohorts.returned_count",
            "cohorts.first_time_user_count",
            "cohorts.is_mature",
        ) }},
        cast({{ var("target_return_adoption_rate") }} as double) as return_adoption_rate_target,
        {{ rate("cohorts.returned_count", "cohorts.first_time_user_count", "cohorts.is_mature") }}
        >= {{ var("target_return_adoption_rate") }} as is_return_adoption_rate_target_met,
        cohorts.is_mature,
        data_through.data_through_date,
        case when degraded.week_start_date is null then 'ok' else 'degraded' end as data_quality
    from cohorts
    left join degraded
        on cohorts.cohort_week_start_date = degraded.week_start_date
    cross join data_through
)

select * from final
