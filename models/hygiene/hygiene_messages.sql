with messages as (
    {{ keyed_rows("messages", ["kind", "channel", "is_machine_open", "suspected_bot_reasons"]) }}
),

judged as (
    select
        *,
        false as is_near_duplicate,
        -- Mail scanners open and click before any person does.
        coalesce(is_machine_open, false) or suspected_bot_reasons is not null as is_bot,
        false as is_test,
        false as is_expired_session,
        kind is null or channel is null as is_unmapped
    from messages
),

final as (
    {{ judge_rows() }}
)

select * from final
