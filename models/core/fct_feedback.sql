with versions as (
    {{ kept("feedback", [
        "source_name", "table_name", "row_id", "response_id", "event_at", "received_at",
        "instrument", "prompt_id", "invited_at", "insight_id", "decision_id", "answer",
        "scale_min", "scale_max",
    ]) }}
),

-- Answers can be edited: the last version counts.
final as (
    select *
    from versions
    qualify
        row_number() over (
            partition by source_name, table_name, response_id
            order by event_at desc, received_at desc, row_id desc
        ) = 1
)

select * from final
