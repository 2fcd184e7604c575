with versions as (
    {{ kept("orders", [
        "source_name", "row_id", "order_id", "event_at", "received_at", "ordered_at",
        "product_line", "symbol", "side", "quantity", "price", "amount", "fee",
        "currency_code", "status", "refund_of", "deleted_at",
    ]) }}
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

currencies as (
    select
        raw_value,
        standard_value
    from {{ ref("hygiene_standard_values") }}
    where field = 'currency'
),

final as (
    select
        orders.source_name,
        orders.row_id,
        orders.identifier_key,
        orders.order_id,
        orders.ordered_at,
        orders.product_line,
        orders.symbol,
        orders.side,
        orders.quantity,
        orders.price,
        orders.amount,
        orders.fee,
        coalesce(currencies.standard_value, orders.currency_code) as currency_code,
        orders.status,
        orders.refund_of
    from current_versions as orders
    left join currencies
        on lower(trim(orders.currency_code)) = currencies.raw_value
    where orders.deleted_at is null
)

select * from final
