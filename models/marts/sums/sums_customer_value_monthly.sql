{#-
    Each active customer's month: products held when it ended, and what they brought in 180
    days up to then.
-#}
with active_months as (
    select
        customer_id,
        {{ month_start("activity_date") }} as month_start_date,
        min(first_active_at) as first_active_at
    from {{ ref("fct_customer_days") }}
    where
        is_active
        and is_named
        and activity_date < {{ as_of_date() }}
    group by all
),

months as (
    select
        *,
        {{ next_month_start("month_start_date") }} as next_month_start_date
    from active_months
),

held as (
    select
        months.customer_id,
        months.month_start_date,
        count(distinct segments.segment_value) as product_count
    from months
    inner join {{ ref("fct_customer_segments") }} as segments
        on
            months.customer_id = segments.customer_id
            and segments.segment_type = 'product_line'
            and {{ local_date("segments.valid_from") }} < months.next_month_start_date
            and (
                segments.valid_to is null
                or {{ local_date("segments.valid_to") }} >= months.next_month_start_date
            )
    group by months.customer_id, months.month_start_date
),

earned as (
    select
        months.customer_id,
        months.month_start_date,
        sum(revenue.net_revenue) as net_revenue_180d
    from months
    inner join {{ ref("fct_revenue_days") }} as revenue
        on
            months.customer_id = revenue.customer_id
            and revenue.activity_date >= {{ add_days("months.next_month_start_date", -180) }}
            and months.next_month_start_date > revenue.activity_date
    group by months.customer_id, months.month_start_date
),

final as (
    select
        months.customer_id,
        months.month_start_date,
        months.first_active_at,
        cast(coalesce(held.product_count, 0) as bigint) as product_count,
        cast(coalesce(earned.net_revenue_180d, 0) as decimal(18, 2)) as net_revenue_180d
    from months
    left join held
        on
            months.customer_id = held.customer_id
            and months.month_start_date = held.month_start_date
    left join earned
        on
            months.customer_id = earned.customer_id
            and months.month_start_date = earned.month_start_date
)

select * from final
