with events as (
    {{ canonical("events", [
        "row_id", "platform", "event_name", "user_agent", "device_id", "anonymous_id", "ip",
        "event_at", "session_expires_at", "is_test",
    ]) }}
),

taxonomy as (
    select event_name
    from {{ ref("event_taxonomy") }}
),

judged as (
    select
        duplicates.source_name,
        duplicates.table_name,
        duplicates.row_id,
        duplicates.received_date,
        duplicates.event_at,
        duplicates.received_at,
        duplicates.identifier_key,
        duplicates.missing_expected_count,
        duplicates.is_duplicate,
        duplicates.is_near_duplicate,
        lower(events.platform) = 'web'
        and (
            coalesce(events.user_agent, '') in ('', '-')
            or coalesce(user_agents.is_crawler_user_agents, false)
            or coalesce(user_agents.is_device_detector, false)
            or bot_devices.device_key is not null
        ) as is_bot,
        coalesce(events.is_test, false) as is_test,
        coalesce(events.event_at > events.session_expires_at, false) as is_expired_session,
        taxonomy.event_name is null as is_unmapped
    from {{ ref("hygiene_event_duplicates") }} as duplicates
    inner join events
        on duplicates.row_id = events.row_id
    left join {{ ref("hygiene_user_agents") }} as user_agents
        on events.user_agent = user_agents.user_agent
    left join {{ ref("hygiene_bot_devices") }} as bot_devices
        on
            lower(events.platform) = 'web'
            and events.source_name = bot_devices.source_name
            and coalesce(events.device_id, events.anonymous_id, events.ip)
            = bot_devices.device_key
            and cast(events.event_at as date) = bot_devices.activity_date
    left join taxonomy
        on events.event_name = taxonomy.event_name
),

final as (
    {{ judge_rows() }}
)

select * from final
