{#- The user agents to classify, each once: only those of web-origin events, since servers' libraries look like bots. -#}
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
