{#-
    What a customer saved and what came in, by day, in the reporting currency. A reversal undoes its entry on the
    entry's own day; money that moves between a customer's own accounts is no income.
-#}
with entries as (
    select
        identifiers.customer_id,
        ledger.source_name,
        ledger.entry_id,
        ledger.reversal_of,
        ledger.event_at,
        ledger.entry_class,
        ledger.amount,
        ledger.currency_code,
        ledger.transfer_pair_id
    from {{ ref("fct_ledger") }} as ledger
    inner join {{ ref("dim_identifiers") }} as identifiers
        on ledger.identifier_key = identifiers.identifier_key
),

own_pairs as (
    select
        customer_id,
        transfer_pair_id
    from entries
    where
        transfer_pair_id is not null
        and reversal_of is null
    group by customer_id, transfer_pair_id
    having count(*) > 1
),

attributed as (
    select
        entries.customer_id,
        coalesce(originals.event_at, entries.event_at) as event_at,
        coalesce(originals.entry_class, entries.entry_class) as entry_class,
        coalesce(originals.transfer_pair_id, entries.transfer_pair_id) as transfer_pair_id,
        entries.amount,
        entries.currency_code = '{{ var("reporting_currency") }}' as is_reported
    from entries
    left join entries as originals
        on
            entries.source_name = originals.source_name
            and entries.reversal_of = originals.entry_id
            and entries.customer_id = originals.customer_id
),

classed as (
    select
        attributed.customer_id,
        attributed.event_at,
        attributed.amount,
        attributed.is_reported,
        attributed.entry_class <> 'inflow' as is_saving
    from attributed
    left join own_pairs
        on
            attributed.customer_id = own_pairs.customer_id
            and attributed.transfer_pair_id = own_pairs.transfer_pair_id
    where
        attributed.entry_class in ('savings_deposit', 'savings_withdrawal')
        or (attributed.entry_class = 'inflow' and own_pairs.customer_id is null)
),

final as (
    select
        customer_id,
        {{ local_date("event_at") }} as activity_date,
        min(event_at) as first_at,
        cast(
            sum(case when is_reported and is_saving then amount else 0 end) as decimal(38, 2)
        ) as saved_amount,
        cast(
            sum(case when is_reported and not is_saving then amount else 0 end)
            as decimal(38, 2)
        ) as inflow_amount,
        count(case when not is_reported then 1 end) as other_currency_count
    from classed
    where event_at < {{ as_of() }}
    group by all
)

select * from final
