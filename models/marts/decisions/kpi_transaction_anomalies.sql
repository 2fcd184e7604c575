{%- set inputs = ["ledger"] -%}
with flagged as (
    select
        *,
        {{ is_mature(add_days("activity_date", 1)) }} as is_mature
    from {{ ref("fct_transaction_scores") }}
    where signal_count >= {{ var("anomaly_signals") }}
),

data_through as (
    {{ data_through(inputs) }}
),

degraded as (
    {{ degraded_days(inputs) }}
),

final as (
    select
        flagged.transaction_id,
        flagged.customer_id,
        flagged.paid_at,
        flagged.activity_date,
        flagged.baseline_type,
        flagged.baseline_count,
        flagged.amount,
        flagged.currency_code,
        flagged.amount_score,
        flagged.is_amount_unusual,
        cast(flagged.local_hour as bigint) as local_hour,
        flagged.hour_score,
        flagged.is_hour_unusual,
        flagged.country,
        flagged.country_share,
        flagged.is_country_unusual,
        cast(flagged.signal_count as bigint) as signal_count,
        flagged.fraud_label,
        flagged.fraud_label_at,
        flagged.is_mature,
        data_through.data_through_date,
        case when degraded.activity_date is null then 'ok' else 'degraded' end as data_quality
    from flagged
    left join degraded
        on flagged.activity_date = degraded.activity_date
    cross join data_through
)

select * from final
