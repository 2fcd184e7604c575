{#-
    What a customer brought in, by day, in the reporting currency: fees of orders that went through, and of accounts.
    A refunded order brought nothing. What is in a currency without a rate is left out.
-#}
{%- set reporting = "'" ~ var("reporting_currency") ~ "'" -%}
with order_fees as (
    select
        identifiers.customer_id,
        orders.ordered_at as event_at,
        orders.fee * case
            when orders.currency_code = {{ reporting }} then 1
            else orders.fx_rate
        end * case when orders.refund_of is null then 1 else -1 end as revenue
    from {{ ref("fct_orders") }} as orders
    inner join {{ ref("dim_identifiers") }} as identifiers
        on orders.identifier_key = identifiers.identifier_key
    where orders.is_settled
),

-- A fee leaves the customer's account: what is negative there is revenue here, and its reversal
-- takes it back.
account_fees as (
    select
        identifiers.customer_id,
        ledger.event_at,
        -ledger.amount as revenue
    from {{ ref("fct_ledger") }} as ledger
    inner join {{ ref("dim_identifiers") }} as identifiers
        on ledger.identifier_key = identifiers.identifier_key
    where
        ledger.entry_class = 'fee'
        and ledger.currency_code = {{ reporting }}
),

fees as (
    select * from order_fees
    union all
    select * from account_fees
),

final as (
    select
        customer_id,
        {{ local_date("event_at") }} as activity_date,
        cast(sum(revenue) as decimal(38, 2)) as net_revenue
    from fees
    where
        revenue is not null
        and event_at < {{ as_of() }}
    group by all
)

select * from final
