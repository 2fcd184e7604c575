with first_uses as (
    select
        customer_id,
        feature_id,
        {{ local_date("first_used_at") }} as first_used_date,
        {{ week_start(local_date("first_used_at")) }} as cohort_week_start_date
    from {{ ref("fct_feature_customers") }}
    where first_used_at is not null
),

-- Only a session somebody opened on their own is a voluntary return; an unknown origin is not one.
voluntary_days as (
    select distinct
        identifiers.customer_id,
        events.feature_id,
        events.activity_date
    from {{ ref("fct_feature_events") }} as events
    inner join {{ ref("dim_identifiers") }} as identifiers
        on events.identifier_key = identifiers.identifier_key
    where
        events.is_use
        and events.session_origin = 'direct'
),

returns as (
    select
        first_uses.customer_id,
        first_uses.feature_id,
        count(*) as voluntary_day_count
    from first_uses
    inner join voluntary_days
        on
            first_uses.customer_id = voluntary_days.customer_id
            and first_uses.feature_id = voluntary_days.feature_id
            and voluntary_days.activity_date >= {{ add_days("first_uses.first_used_date", 7) }}
            and voluntary_days.activity_date < {{ add_days("first_uses.first_used_date", 14) }}
    group by first_uses.customer_id, first_uses.feature_id
),

-- Turned off when the window closes: whatever they did in it, they did not stay.
opted_out as (
    select
        first_uses.customer_id,
        first_uses.feature_id
    from first_uses
    inner join {{ ref("fct_feature_states") }} as states
        on
            first_uses.customer_id = states.customer_id
            and first_uses.feature_id = states.feature_id
            and not states.is_enabled
            and {{ local_date("states.valid_from") }}
            < {{ add_days("first_uses.first_used_date", 14) }}
            and (
                states.valid_to is null
                or {{ local_date("states.valid_to") }}
                >= {{ add_days("first_uses.first_used_date", 14) }}
            )
    group by first_uses.customer_id, first_uses.feature_id
),

cohorts as (
    select
        first_uses.feature_id,
        first_uses.cohort_week_start_date,
        count(*) as first_time_user_count,
        count(
            case
                when returns.customer_id is not null and opted_out.customer_id is null then 1
            end
        ) as returned_count,
        -- Closed when the last possible first user of the week has had all of the window.
        {{ is_mature(add_days("first_uses.cohort_week_start_date", 20)) }} as is_mature
    from first_uses
    left join returns
        on
            first_uses.customer_id = returns.customer_id
            and first_uses.feature_id = returns.feature_id
    left join opted_out
        on
            first_uses.customer_id = opted_out.customer_id
            and first_uses.feature_id = opted_out.feature_id
    group by first_uses.feature_id, first_uses.cohort_week_start_date
),

data_through as (
    {{ data_through(ref("fct_events")) }}
),

degraded as (
    {{ degraded_weeks(["events", "preferences"]) }}
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
        case when count(degraded.week_start_date) = 0 then 'ok' else 'degraded' end
            as data_quality
    from cohorts
    left join degraded
        on
            cohorts.cohort_week_start_date <= degraded.week_start_date
            and {{ add_days("cohorts.cohort_week_start_date", 21) }} > degraded.week_start_date
    cross join data_through
    group by all
)

select * from final
