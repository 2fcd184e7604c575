{%- set inputs = ["events", "preferences"] -%}
with customer_weeks as (
    select *
    from {{ ref("sums_feature_customer_weekly") }}
),

sessions as (
    select distinct
        {{ week_start("events.activity_date") }} as week_start_date,
        events.feature_id,
        events.source_name,
        events.device_id,
        events.session_id
    from {{ ref("fct_feature_events") }} as events
    where
        events.is_use
        and events.session_id is not null
),

session_lengths as (
    select
        sessions.feature_id,
        sessions.week_start_date,
        count(*) as session_count,
        sum({{ microseconds_between("lengths.started_at", "lengths.ended_at") }})
            as session_microseconds
    from sessions
    inner join {{ ref("fct_sessions") }} as lengths
        on
            sessions.source_name = lengths.source_name
            and sessions.device_id = lengths.device_id
            and sessions.session_id = lengths.session_id
    group by sessions.feature_id, sessions.week_start_date
),

weeks as (
    select
        feature_id,
        week_start_date,
        count(case when is_exposed_enabled then 1 end) as exposed_enabled_count,
        count(case when is_exposed_enabled and has_used then 1 end) as used_count,
        cast(sum(interaction_count) as bigint) as interaction_count,
        cast(sum(frustrated_count) as bigint) as frustrated_count
    from customer_weeks
    group by feature_id, week_start_date
),

compared_weeks as (
    select
        *,
        {{ is_mature(add_days("week_start_date", 7)) }} as is_mature,
        row_number() over (
            partition by week_start_date
            order by interaction_count desc, feature_id asc
        ) as usage_rank,
        case
            when lag(week_start_date) over feature_weeks = {{ add_days("week_start_date", -7) }}
                then lag(interaction_count) over feature_weeks
        end as previous_interaction_count,
        case
            when lag(week_start_date) over feature_weeks = {{ add_days("week_start_date", -7) }}
                then lag(frustrated_count) over feature_weeks
        end as previous_frustrated_count
    from weeks
    window feature_weeks as (
        partition by feature_id
        order by week_start_date asc
    )
),

readouts as (
    select
        cell_key,
        ci_lower,
        ci_upper
    from {{ source("inference", "clustered_ratios") }}
    where
        kpi_name = 'kpi_feature_adoption_weekly'
        and metric_name = 'frustrated_tap_rate'
),

data_through as (
    {{ data_through(inputs) }}
),

degraded as (
    {{ degraded_weeks(inputs) }}
),

final as (
    select
        weeks.feature_id,
        weeks.week_start_date,
        weeks.exposed_enabled_count,
        weeks.interaction_count,
        case
            when session_lengths.session_count > 0
                then
                    cast(session_lengths.session_microseconds as double)
                    / (session_lengths.session_count * 1000000)
        end as session_seconds_avg,
        cast(weeks.usage_rank as bigint) as usage_rank,
        {{ rate_columns(
            "adoption_rate", "weeks.used_count", "weeks.exposed_enabled_count", "weeks.is_mature"
        ) }},
        {{ clustered_rate_columns(
            "frustrated_tap_rate",
            "weeks.frustrated_count",
            "weeks.interaction_count",
            "readouts",
            "weeks.is_mature",
        ) }},
        case
            when weeks.is_mature
                then
                    cast(weeks.frustrated_count - weeks.previous_frustrated_count as double)
                    / nullif(weeks.interaction_count - weeks.previous_interaction_count, 0)
        end as frustrated_lift_share,
        weeks.is_mature,
        data_through.data_through_date,
        case when degraded.week_start_date is null then 'ok' else 'degraded' end as data_quality
    from compared_weeks as weeks
    left join session_lengths
        on
            weeks.feature_id = session_lengths.feature_id
            and weeks.week_start_date = session_lengths.week_start_date
    left join readouts
        on weeks.feature_id || ' ' || cast(weeks.week_start_date as string) = readouts.cell_key
    left join degraded
        on weeks.week_start_date = degraded.week_start_date
    cross join data_through
)

select * from final
