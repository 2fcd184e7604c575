{#-
    What a customer did on a day. Active is who opened a session or placed an order; a
    server's event is neither.
-#}
with stays as (
    select
        identifiers.customer_id,
        events.activity_date,
        events.source_name,
        events.device_id,
        events.session_id,
        min(events.event_at) as first_at,
        count(*) as event_count,
        count(case when events.is_key_action then 1 end) as key_action_count
    from {{ ref("fct_events") }} as events
    inner join {{ ref("dim_identifiers") }} as identifiers
        on events.identifier_key = identifiers.identifier_key
    group by all
),

event_days as (
    select
        customer_id,
        activity_date,
        min(first_at) as first_at,
        min(case when session_id is not null then first_at end) as first_active_at,
        cast(sum(event_count) as bigint) as event_count,
        count(case when session_id is not null then 1 end) as session_count,
        cast(sum(key_action_count) as bigint) as key_action_count,
        0 as order_count
    from stays
    group by customer_id, activity_date
),

order_days as (
    select
        identifiers.customer_id,
        {{ local_date("orders.ordered_at") }} as activity_date,
        min(orders.ordered_at) as first_at,
        count(*) as order_count
    from {{ ref("fct_orders") }} as orders
    inner join {{ ref("dim_identifiers") }} as identifiers
        on orders.identifier_key = identifiers.identifier_key
    where orders.ordered_at < {{ as_of() }}
    group by all
),

days as (
    select * from event_days
    union all
    select
        customer_id,
        activity_date,
        first_at,
        first_at as first_active_at,
        0 as event_count,
        0 as session_count,
        order_count as key_action_count,
        order_count
    from order_days
),

final as (
    select
        days.customer_id,
        customers.is_named,
        days.activity_date,
        min(days.first_at) as first_at,
        min(days.first_active_at) as first_active_at,
        cast(sum(days.event_count) as bigint) as event_count,
        cast(sum(days.session_count) as bigint) as session_count,
        cast(sum(days.order_count) as bigint) as order_count,
        cast(sum(days.key_action_count) as bigint) as key_action_count,
        min(days.first_active_at) is not null as is_active
    from days
    inner join {{ ref("dim_customers") }} as customers
        on days.customer_id = customers.customer_id
    group by days.customer_id, customers.is_named, days.activity_date
)

select * from final
