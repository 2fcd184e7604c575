with sessions as (
    select
        source_name,
        device_key,
        session_digest,
        min(event_at) as started_at,
        max(event_at) as ended_at
    from {{ ref("hygiene_event_keys") }}
    where
        device_key is not null
        and session_digest is not null
    group by all
),

final as (
    select
        source_name,
        device_key,
        session_digest,
        'session_zombie' as rule_id,
        -- From here on nobody is there; what came before was a session like any other.
        cast(started_at + {{ var("zombie_session_hours") }} * interval '1' hour as timestamp)
            as from_at
    from sessions
    where
        {{ microseconds_between("started_at", "ended_at") }}
        >= {{ var("zombie_session_hours") }} * 3600000000
)

select * from final
