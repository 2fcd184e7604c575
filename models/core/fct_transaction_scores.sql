{#- How unusual each card payment is beside its baseline: its amount, its hour, its country. -#}
{%- set signals = ["amount", "hour", "country"] -%}
-- The mean direction of the hours, and the share of them that it stands for: 1 if all are the same
-- hour.
with directed as (
    select
        *,
        atan2(cast(baseline_sine as double), cast(baseline_cosine as double)) * 12 / pi()
            as usual_hour,
        least(
            sqrt(
                cast(baseline_sine as double) * cast(baseline_sine as double)
                + cast(baseline_cosine as double) * cast(baseline_cosine as double)
            )
            / baseline_count, 1.0
        ) as hour_concentration
    from {{ ref("fct_transaction_baselines") }}
    where baseline_count >= {{ var("anomaly_min_transactions") }}
),

-- No scale is finer than an hour, or than a twentieth of the usual amount.
scored as (
    select
        *,
        (cast(amount as double) - baseline_median)
        / greatest(
            (baseline_upper_quartile - baseline_lower_quartile) / 1.349,
            abs(baseline_median) / 20, 0.01
        ) as amount_score,
        abs(mod(local_hour - usual_hour + 36, 24) - 12)
        / greatest(
            sqrt(-2 * ln(greatest(hour_concentration, 0.000001))) * 12 / pi(), 1.0
        ) as hour_score,
        cast(baseline_country_count as double) / baseline_count as country_share
    from directed
),

signalled as (
    select
        *,
        amount_score >= {{ var("anomaly_amount_score") }} as is_amount_unusual,
        hour_score >= {{ var("anomaly_hour_score") }} as is_hour_unusual,
        country_share <= {{ var("anomaly_country_share") }} as is_country_unusual
    from scored
),

final as (
    select
        row_id,
        transaction_id,
        customer_id,
        paid_at,
        activity_date,
        baseline_type,
        baseline_count,
        amount,
        currency_code,
        amount_score,
        is_amount_unusual,
        local_hour,
        hour_score,
        is_hour_unusual,
        country,
        country_share,
        is_country_unusual,
        {% for signal in signals -%}
        case when is_{{ signal }}_unusual then 1 else 0 end{{ " + " if not loop.last }}
        {%- endfor %} as signal_count,
        fraud_label,
        fraud_label_at
    from signalled
)

select * from final
