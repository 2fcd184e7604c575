with events as (
    {{ canonical("events", [
        "platform", "device_id", "anonymous_id", "ip", "event_at", "target_id",
    ]) }}
),

web_events as (
    select
        source_name,
        coalesce(device_id, anonymous_id, ip) as device_key,
        target_id,
        date_trunc('minute', event_at) as minute_start_at,
        cast(event_at as date) as activity_date
    from events
    where lower(platform) = 'web'
),

busiest_minutes as (
    select
        source_name,
        device_key,
        activity_date,
        minute_start_at,
        count(*) as event_count,
        count(case when target_id like '%/robots.txt' then 1 end) as robots_txt_count
    from web_events
    where device_key is not null
    group by all
),

final as (
    select
        source_name,
        device_key,
        activity_date,
        max(event_count) > {{ var("bot_events_per_minute") }} as is_too_fast,
        sum(robots_txt_count) > 0 as has_fetched_robots_txt
    from busiest_minutes
    group by all
    having
        max(event_count) > {{ var("bot_events_per_minute") }}
        or sum(robots_txt_count) > 0
)

select * from final
