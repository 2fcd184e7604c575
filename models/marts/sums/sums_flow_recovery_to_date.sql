{#-
    Recoveries of each arm since the beginning, week by week, as sums over customers: what a customer adds to a sum of
    squares in a week is the square after it less the square before.
-#}
with customer_weeks as (
    select
        customer_id,
        flow_id,
        follow_up,
        week_start_date,
        sum(recovered_count) over so_far as y,
        sum(abandonment_count) over so_far as x,
        sum(recovered_count) over so_far - recovered_count as y_before,
        sum(abandonment_count) over so_far - abandonment_count as x_before
    from {{ ref("sums_flow_customer_weekly") }}
    where {{ is_mature(add_days("week_start_date", 7 + var("flow_recovery_days"))) }}
    window so_far as (
        partition by customer_id, flow_id, follow_up
        order by week_start_date asc
        rows between unbounded preceding and current row
    )
),

increments as (
    select
        flow_id,
        follow_up,
        week_start_date,
        count(case when x_before = 0 then 1 end) as customer_count,
        sum(y - y_before) as sum_y,
        sum(x - x_before) as sum_x,
        sum(y * y - y_before * y_before) as sum_yy,
        sum(x * y - x_before * y_before) as sum_xy,
        sum(x * x - x_before * x_before) as sum_xx
    from customer_weeks
    group by flow_id, follow_up, week_start_date
),

arms as (
    select distinct
        flow_id,
        follow_up
    from increments
),

weeks as (
    select distinct
        flow_id,
        week_start_date
    from increments
),

final as (
    select
        {%- for name in ["customer_count", "sum_y", "sum_x", "sum_yy", "sum_xy", "sum_xx"] %}
        cast(
            sum(coalesce(increments.{{ name }}, 0)) over (
                partition by arms.flow_id, arms.follow_up
                order by weeks.week_start_date asc
                rows between unbounded preceding and current row
            ) as bigint
        ) as {{ name }},
        {%- endfor %}
        arms.flow_id,
        arms.follow_up,
        weeks.week_start_date
    from arms
    inner join weeks
        on arms.flow_id = weeks.flow_id
    left join increments
        on
            arms.flow_id = increments.flow_id
            and arms.follow_up = increments.follow_up
            and weeks.week_start_date = increments.week_start_date
)

select * from final
