with events as (
    {{ canonical("events", [
        "row_id", "platform", "event_name", "user_agent", "device_id", "anonymous_id", "ip",
        "event_at", "session_id", "session_expires_at", "is_test",
    ]) }}
),

taxonomy as (
    select event_name
    from {{ ref("event_taxonomy") }}
),

enforced_rules as (
    select rule_id
    from {{ ref("hygiene_rules") }}
    where mode = 'enforced'
),

bot_devices as (
    select distinct
        hits.source_name,
        hits.device_key,
        hits.activity_date
    from {{ ref("hygiene_device_rules") }} as hits
    inner join enforced_rules
        on hits.rule_id = enforced_rules.rule_id
),

zombie_sessions as (
    select
        hits.source_name,
        hits.device_key,
        hits.session_id,
        hits.from_at
    from {{ ref("hygiene_session_rules") }} as hits
    inner join enforced_rules
        on hits.rule_id = enforced_rules.rule_id
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
        coalesce(events.event_at > events.session_expires_at, false)
        or coalesce(events.event_at >= zombie_sessions.from_at, false) as is_expired_session,
        taxonomy.event_name is null as is_unmapped
    from {{ ref("hygiene_event_duplicates") }} as duplicates
    inner join events
        on duplicates.row_id = events.row_id
    left join {{ ref("hygiene_user_agents") }} as user_agents
        on events.user_agent = user_agents.user_agent
    left join bot_devices
        on
            lower(events.platform) = 'web'
            and events.source_name = bot_devices.source_name
            and coalesce(events.device_id, events.anonymous_id, events.ip)
            = bot_devices.device_key
            and cast(events.event_at as date) = bot_devices.activity_date
    left join zombie_sessions
        on
            events.source_name = zombie_sessions.source_name
            and coalesce(events.device_id, events.anonymous_id, events.ip)
            = zombie_sessions.device_key
            and events.session_id = zombie_sessions.session_id
    left join taxonomy
        on events.event_name = taxonomy.event_name
),

final as (
    {{ judge_rows() }}
)

select * from final
