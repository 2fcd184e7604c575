{{ config(materialized="view") }}
with final as (
    select
        row_id,
        identifier_key,
        entry_id as transaction_id,
        event_at as paid_at,
        {{ local_date("event_at") }} as activity_date,
        -amount as amount,
        currency_code,
        country,
        case when fraud_label_at < {{ as_of() }} then fraud_label end as fraud_label,
        case when fraud_label_at < {{ as_of() }} then fraud_label_at end as fraud_label_at
    from {{ ref("fct_ledger") }}
    where
        entry_class = 'card'
        and reversal_of is null
        and event_at < {{ as_of() }}
)

select * from final
