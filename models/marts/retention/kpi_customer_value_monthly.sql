{%- set inputs = ["events", "orders", "ledger", "holdings"] -%}
with customer_months as (
    select *
    from {{ ref("sums_customer_value_monthly") }}
),

segmented_months as (
    {{ by_segment("customer_months", "first_active_at") }}
),

months as (
    select
        month_start_date,
        segment_type,
        segment_value,
        count(*) as active_customer_count,
        cast(sum(product_count) as bigint) as held_product_count,
        cast(sum(net_revenue_180d) as decimal(38, 2)) as net_revenue_180d,
        {{ is_mature(next_month_start("month_start_date")) }} as is_mature
    from segmented_months
    group by all
),

-- Before there are 180 days of records, what they add up to is less than it was.
first_days as (
    select min(activity_date) as first_date
    from {{ ref("fct_revenue_days") }}
),

data_through as (
    {{ data_through(inputs) }}
),

degraded as (
    select distinct {{ month_start("activity_date") }} as month_start_date
    from (
        {{ degraded_days(inputs) }}
    ) as days
),

degraded_months as (
    select distinct months.month_start_date
    from months
    inner join degraded
        on
            months.month_start_date >= degraded.month_start_date
            and {{ add_days(next_month_start("months.month_start_date"), -180) }}
            < {{ next_month_start("degraded.month_start_date") }}
),

final as (
    select
        months.month_start_date,
        months.segment_type,
        months.segment_value,
        case when months.is_mature then months.active_customer_count end
            as active_customer_count,
        case
            when months.is_mature and months.active_customer_count >= {{ var("min_sample") }}
                then
                    cast(months.held_product_count as double)
                    / cast(months.active_customer_count as double)
        end as products_per_customer,
        case when months.is_mature then months.held_product_count end as held_product_count,
        case
            when
                months.is_mature
                and {{ add_days(next_month_start("months.month_start_date"), -180) }}
                >= first_days.first_date
                then months.net_revenue_180d
        end as net_revenue_180d,
        cast('{{ var("reporting_currency") }}' as string) as currency_code,
        months.is_mature,
        data_through.data_through_date,
        case when degraded_months.month_start_date is null then 'ok' else 'degraded' end
            as data_quality
    from months
    left join degraded_months
        on months.month_start_date = degraded_months.month_start_date
    cross join first_days
    cross join data_through
)

select * from final
