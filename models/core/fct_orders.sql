with versions as (
    {{ kept("orders", [
        "source_name", "row_id", "order_id", "event_at", "received_at", "ordered_at",
        "product_line", "symbol", "side", "quantity", "price", "amount", "fee",
        "currency_code", "fx_rate", "status", "refund_of", "deleted_at",
    ], standardised={"currency_code": "currency"}) }}
),

-- The last version of an order is the order; one without an id has no versions.
current_versions as (
    select *
    from versions
    qualify
        order_id is null
        or row_number() over (
            partition by source_name, order_id
            order by event_at desc, received_at desc, row_id desc
        ) = 1
),

final as (
    select
        source_name,
        row_id,
        identifier_key,
        order_id,
        ordered_at,
        product_line,
        symbol,
        side,
        quantity,
        price,
        amount,
        fee,
        currency_code,
        fx_rate,
        status,
        -- One whose status nobody says is taken for done.
        coalesce(status, 'settled')
        not in ('pending', 'cancelled', 'rejected', 'failed', 'refunded') as is_settled,
        refund_of
    from current_versions
    where deleted_at is null
)

select * from final
