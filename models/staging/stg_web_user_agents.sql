with events as (
    {{ canonical("events", ["user_agent", "platform"]) }}
),

final as (
    select distinct user_agent
    from events
    where
        lower(platform) = 'web'
        and user_agent is not null
)

select * from final
