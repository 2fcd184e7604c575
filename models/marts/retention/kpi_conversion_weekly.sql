{%- set inputs = ["messages", "decisions", "content", "events", "orders", "ledger"] -%}
with weeks as (
    select
        product_line,
        week_start_date,
        segment_type,
        segment_value,
        cell_key,
        count(*) as customer_count,
        count(case when is_converted then 1 end) as converted_count,
        cast(sum(delivered_count) as bigint) as delivered_count,
        cast(sum(click_count) as bigint) as click_count,
        {{ is_mature(add_days("week_start_date", 7 + var("conversion_window_days"))) }}
            as is_mature,
        {{ is_mature(add_days("week_start_date", 7)) }} as is_click_mature
    from {{ ref("sums_conversion_customer_weekly") }}
    group by product_line, week_start_date, segment_type, segment_value, cell_key
),

-- The four weeks before, as one rate.
compared as (
    select
        *,
        case when is_mature then sum(converted_count) over before end as converted_count_before,
        case when is_mature then sum(customer_count) over before end as customer_count_before
    from weeks
    window before as (
        partition by product_line, segment_type, segment_value
        order by week_start_date asc
        range between interval '28' day preceding and interval '7' day preceding
    )
),

readouts as (
    select
        cell_key,
        ci_lower,
        ci_upper
    from {{ source("inference", "clustered_ratios") }}
    where
        kpi_name = 'kpi_conversion_weekly'
        and metric_name = 'click_through_rate'
),

rates as (
    select
        compared.*,
        {{ rate_columns(
            "conversion_rate",
            "compared.converted_count",
            "compared.customer_count",
            "compared.is_mature",
        ) }},
        {{ rate(
            "compared.converted_count_before",
            "compared.customer_count_before",
            "compared.is_mature"
        ) }} as previous_conversion_rate
    from compared
),

data_through as (
    {{ data_through(inputs) }}
),

degraded as (
    {{ degraded_windows(inputs, days=var("conversion_window_days")) }}
),

final as (
    select
        rates.product_line,
        rates.week_start_date,
        rates.segment_type,
        rates.segment_value,
        rates.customer_count,
        rates.conversion_rate,
        rates.conversion_rate_numerator,
        rates.conversion_rate_denominator,
        rates.conversion_rate_ci_lower,
        rates.conversion_rate_ci_upper,
        rates.previous_conversion_rate,
        rates.conversion_rate_ci_upper < rates.previous_conversion_rate as is_conversion_falling,
        {{ clustered_rate_columns(
            "click_through_rate",
            "rates.click_count",
            "rates.delivered_count",
            "readouts",
            "rates.is_click_mature",
        ) }},
        rates.is_mature,
        data_through.data_through_date,
        case when degraded.week_start_date is null then 'ok' else 'degraded' end as data_quality
    from rates
    left join readouts
        on rates.cell_key = readouts.cell_key
    left join degraded
        on rates.week_start_date = degraded.week_start_date
    cross join data_through
)

select * from final
