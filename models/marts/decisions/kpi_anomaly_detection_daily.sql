{%- set inputs = ["ledger"] -%}
with summed_days as (
    select
        baseline_type,
        activity_date,
        cast(sum(transaction_count) as bigint) as transaction_count,
        cast(sum(flagged_count) as bigint) as flagged_count,
        cast(sum(labelled_count) as bigint) as labelled_count,
        cast(sum(fraud_count) as bigint) as fraud_count,
        cast(sum(flagged_labelled_count) as bigint) as flagged_labelled_count,
        cast(sum(flagged_fraud_count) as bigint) as flagged_fraud_count,
        {{ is_mature(add_days("activity_date", 1)) }} as is_mature
    from {{ ref("sums_anomaly_customer_daily") }}
    where activity_date < {{ as_of_date() }}
    group by baseline_type, activity_date
),

label_delays as (
    select
        baseline_type,
        activity_date,
        percentile_cont(0.5) within group (
            order by cast({{ microseconds_between("paid_at", "fraud_label_at") }} as double)
        ) / 3600000000 as label_delay_hours_p50
    from {{ ref("fct_transaction_scores") }}
    where fraud_label is not null
    group by baseline_type, activity_date
),

{% for rate in anomaly_rates() -%}
{{ rate }} as (
    select
        cell_key,
        ci_lower,
        ci_upper
    from {{ source("inference", "clustered_ratios") }}
    where
        kpi_name = 'kpi_anomaly_detection_daily'
        and metric_name = '{{ rate }}'
),

{% endfor -%}
data_through as (
    {{ data_through(inputs) }}
),

degraded as (
    {{ degraded_days(inputs) }}
),

days as (
    select
        *,
        baseline_type || ' ' || cast(activity_date as string) as cell_key
    from summed_days
),

final as (
    select
        days.baseline_type,
        days.activity_date,
        days.transaction_count,
        days.flagged_count,
        days.labelled_count,
        days.fraud_count,
        {%- for rate, (over, under) in anomaly_rates().items() %}
        {{ clustered_rate_columns(
            rate, "days." ~ over ~ "_count", "days." ~ under ~ "_count", rate, "days.is_mature"
        ) }},
        {%- endfor %}
        {{ if_enough(
            "label_delays.label_delay_hours_p50", ["days.labelled_count"], "days.is_mature"
        ) }} as label_delay_hours_p50,
        days.is_mature,
        data_through.data_through_date,
        case when degraded.activity_date is null then 'ok' else 'degraded' end as data_quality
    from days
    left join label_delays
        on
            days.baseline_type = label_delays.baseline_type
            and days.activity_date = label_delays.activity_date
    left join degraded
        on days.activity_date = degraded.activity_date
    {%- for rate in anomaly_rates() %}
    left join {{ rate }}
        on days.cell_key = {{ rate }}.cell_key
    {%- endfor %}
    cross join data_through
)

select * from final
