with web_events as (
    select
        source_name,
        device_key,
        cast(event_at as date) as activity_date,
        event_at,
        event_name,
        -- A copy of a row is no second action, however often its batch is delivered.
        key_digest,
        case when key_digest is null then row_id end as keyless_row_id,
        is_robots_txt
    from {{ ref("hygiene_event_keys") }}
    where
        is_web
        and device_key is not null
),

device_days as (
    select
        source_name,
        device_key,
        activity_date,
        count(*) as event_count,
        bool_or(is_robots_txt) as has_fetched_robots_txt
    from web_events
    group by all
),

-- Few devices have a day long enough to be judged by its minutes or its rhythm.
busy_actions as (
    select distinct
        web_events.source_name,
        web_events.device_key,
        web_events.activity_date,
        web_events.event_at,
        web_events.key_digest,
        web_events.keyless_row_id,
        coalesce(taxonomy.is_heartbeat, false) as is_heartbeat
    from web_events
    inner join device_days
        on
            web_events.source_name = device_days.source_name
            and web_events.device_key = device_days.device_key
            and web_events.activity_date = device_days.activity_date
            and device_days.event_count > {{ [
                var("bot_events_per_minute"), var("bot_cadence_gaps")
            ] | min }}
    left join {{ ref("event_taxonomy") }} as taxonomy
        on web_events.event_name = taxonomy.event_name
),

fast_minutes as (
    select
        source_name,
        device_key,
        activity_date,
        date_trunc('minute', event_at) as minute_start_at
    from busy_actions
    group by all
    having count(*) > {{ var("bot_events_per_minute") }}
),

moments as (
    select distinct
        source_name,
        device_key,
        activity_date,
        event_at
    from busy_actions
    where not is_heartbeat
),

gaps as (
    select
        *,
        {{ microseconds_between(
            "lag(event_at) over (partition by source_name, device_key, activity_date "
            "order by event_at asc)",
            "event_at",
        ) }} as gap
    from moments
),

neighbours as (
    select
        *,
        lag(gap) over (
            partition by source_name, device_key, activity_date
            order by event_at asc
        ) as gap_before
    from gaps
),

-- A gap is steady if it is the one before it, give or take the tolerance.
rhythms as (
    select
        source_name,
        device_key,
        activity_date,
        count(gap_before) as gap_count,
        count(
            case
                when abs(gap - gap_before) <= gap_before * {{ var("bot_cadence_tolerance") }}
                    then 1
            end
        ) as steady_count,
        sum(
            case
                when abs(gap - gap_before) <= gap_before * {{ var("bot_cadence_tolerance") }}
                    then gap
            end
        ) as steady_microseconds
    from neighbours
    group by all
),

final as (
    select distinct
        source_name,
        device_key,
        activity_date,
        'bot_rate' as rule_id
    from fast_minutes
    union all
    select
        source_name,
        device_key,
        activity_date,
        'bot_cadence' as rule_id
    from rhythms
    where
        steady_count >= {{ var("bot_cadence_gaps") }}
        and steady_count >= gap_count * {{ var("bot_cadence_share") }}
        and steady_microseconds >= {{ var("bot_cadence_minutes") }} * 60000000
    union all
    select
        source_name,
        device_key,
        activity_date,
        'bot_robots_txt' as rule_id
    from device_days
    where has_fetched_robots_txt
)

select * from final
