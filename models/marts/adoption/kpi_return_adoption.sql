{%- set inputs = ["events", "preferences"] -%}
with feature_events as (
    select
        identifiers.customer_id,
        events.feature_id,
        events.activity_date,
        events.is_use,
        events.session_origin
    from {{ ref("fct_feature_events") }} as events
    inner join {{ ref("dim_identifiers") }} as identifiers
        on events.identifier_key = identifiers.identifier_key
),

returns as (
    {{ feature_returns(
        ref("fct_feature_customers"), "feature_events", ref("fct_feature_states")
    ) }}
),

cohorts as (
    select
        feature_id,
        cohort_week_start_date,
        count(*) as first_time_user_count,
        count(case when has_returned then 1 end) as returned_count,
        -- Closed when the last possible first user of the week has had all of the window.
        {{ is_mature(add_days("cohort_week_start_date", 20)) }} as is_mature
    from returns
    group by feature_id, cohort_week_start_date
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
