{#-
    What is usual for each card payment: the payments of the 90 days before it, the customer's own if there are enough,
    else those of everybody in the same risk segment at the time. A payment is no part of what it is compared with.
-#}
{%- set baselines = {"own": "customer_id", "segment": "segment_value"} -%}
with payments as (
    select
        payments.*,
        identifiers.customer_id,
        segments.segment_value,
        {{ local_hour_number("payments.paid_at") }} % 24 as local_hour,
        {{ microseconds_between(beginning_of_time(), "payments.paid_at") }} as paid_micros
    from {{ ref("fct_transactions") }} as payments
    inner join {{ ref("dim_identifiers") }} as identifiers
        on payments.identifier_key = identifiers.identifier_key
    inner join {{ ref("fct_customer_segments") }} as segments
        on
            identifiers.customer_id = segments.customer_id
            and segments.segment_type = 'risk_segment'
            and payments.paid_at >= segments.valid_from
            and payments.paid_at < coalesce(segments.valid_to, {{ end_of_time() }})
),

angles as (
    select
        *,
        cast(cos(local_hour * pi() / 12) as decimal(12, 10)) as hour_cosine,
        cast(sin(local_hour * pi() / 12) as decimal(12, 10)) as hour_sine
    from payments
),

compared as (
    select
        {%- for type in baselines %}
        count(*) over {{ type }}_past as {{ type }}_count,
        {{ percentile_over("cast(amount as double)", 0.25) }} over {{ type }}_past
            as {{ type }}_lower_quartile,
        {{ percentile_over("cast(amount as double)", 0.5) }} over {{ type }}_past
            as {{ type }}_median,
        {{ percentile_over("cast(amount as double)", 0.75) }} over {{ type }}_past
            as {{ type }}_upper_quartile,
        sum(hour_cosine) over {{ type }}_past as {{ type }}_cosine,
        sum(hour_sine) over {{ type }}_past as {{ type }}_sine,
        count(*) over {{ type }}_country_past as {{ type }}_country_count,
        {%- endfor %}
        *
    from angles
    window {{ past_payments(baselines) }}
),

final as (
    select
        row_id,
        transaction_id,
        customer_id,
        paid_at,
        activity_date,
        amount,
        currency_code,
        country,
        local_hour,
        fraud_label,
        fraud_label_at,
        {%- for column in [
            "count", "lower_quartile", "median", "upper_quartile", "cosine", "sine",
            "country_count",
        ] %}
        case
            when own_count >= {{ var("anomaly_min_transactions") }} then own_{{ column }}
            else segment_{{ column }}
        end as baseline_{{ column }},
        {%- endfor %}
        case
            when own_count >= {{ var("anomaly_min_transactions") }} then 'own'
            else 'segment'
        end as baseline_type
    from compared
)

select * from final
