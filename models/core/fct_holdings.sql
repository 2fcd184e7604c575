with versions as (
    {{ kept("holdings", [
        "row_id", "event_at", "received_at", "product_line", "valid_from", "valid_to", "reason",
    ]) }}
),

-- A holding is known by whose it is, what it is and when it began; its last version says when it
-- ended.
final as (
    select
        row_id,
        identifier_key,
        product_line,
        valid_from,
        valid_to,
        reason
    from versions
    qualify
        row_number() over (
            partition by identifier_key, product_line, valid_from
            order by event_at desc, received_at desc, row_id desc
        ) = 1
)

select * from final
