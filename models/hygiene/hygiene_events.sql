with device_days as (
    select
        source_name,
        device_key,
        activity_date,
        bool_or(rule_id = 'bot_rate') as is_fast,
        bool_or(rule_id = 'bot_cadence') as is_steady,
        bool_or(rule_id = 'bot_robots_txt') as has_fetched_robots_txt
    from {{ ref("hygiene_device_rules") }}
    group by all
),

hits as (
    select
        events.source_name,
        events.table_name,
        events.row_id,
        events.received_date,
        events.event_at,
        events.received_at,
        events.missing_expected_count,
        events.identifier_digest,
        coalesce(duplicates.rule_id = 'duplicate_key', false) as duplicate_key,
        coalesce(duplicates.rule_id = 'near_duplicate', false) as near_duplicate,
        events.is_web
        and coalesce(events.user_agent, '') in ('', '-') as bot_user_agent_empty,
        coalesce(user_agents.is_crawler_user_agents, false) as bot_user_agent_crawler,
        coalesce(user_agents.is_device_detector, false) as bot_user_agent_detector,
        coalesce(device_days.is_fast, false) as bot_rate,
        coalesce(device_days.is_steady, false) as bot_cadence,
        coalesce(device_days.has_fetched_robots_txt, false) as bot_robots_txt,
        events.is_test as test_flag,
        events.is_expired_session as session_expired,
        coalesce(events.event_at >= zombies.from_at, false) as session_zombie
    from {{ ref("hygiene_event_keys") }} as events
    left join {{ ref("hygiene_event_duplicates") }} as duplicates
        on events.row_id = duplicates.row_id
    left join {{ ref("hygiene_user_agents") }} as user_agents
        on events.user_agent = user_agents.user_agent
    left join device_days
        on
            events.is_web
            and events.source_name = device_days.source_name
            and events.device_key = device_days.device_key
            and cast(events.event_at as date) = device_days.activity_date
    left join {{ ref("hygiene_session_rules") }} as zombies
        on
            events.source_name = zombies.source_name
            and events.device_key = zombies.device_key
            and events.session_digest = zombies.session_digest
),

final as (
    {{ judge_rows("hits", [
        "duplicate_key", "near_duplicate", "bot_user_agent_empty", "bot_user_agent_crawler",
        "bot_user_agent_detector", "bot_rate", "bot_cadence", "bot_robots_txt", "test_flag",
        "session_expired", "session_zombie",
    ]) }}
)

select * from final
