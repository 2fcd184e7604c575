with versions as (
    {{ kept("content", [
        "source_name", "row_id", "content_id", "event_at", "received_at", "version", "topic",
        "tone", "format", "risk_level", "tags", "conflict_group",
    ], standardised={"risk_level": "risk_segment"}) }}
),

final as (
    select
        content_id,
        version,
        event_at as published_at,
        topic,
        tone,
        format,
        risk_level,
        tags,
        conflict_group
    from versions
    where content_id is not null
    qualify
        row_number() over (
            partition by content_id
            order by event_at desc, received_at desc, row_id desc
        ) = 1
)

select * from final
