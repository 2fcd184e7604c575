{#-
    Savings and income of a month, by experiment, variation and segment, with the sums over customers from which
    `inference` makes the interval. Under experiment `none` is everybody; under an experiment are its customers, from
    the day of their assignment on.
-#}
with days as (
    select *
    from {{ ref("fct_savings_days") }}
),

segmented_days as (
    {{ by_segment("days", "first_at") }}
),

arms as (
    select
        customer_id,
        experiment_id,
        variation_id,
        {{ local_date("assigned_at") }} as since_date
    from {{ ref("fct_experiment_customers") }}
    union all
    select distinct
        customer_id,
        cast('none' as string) as experiment_id,
        cast('none' as string) as variation_id,
        cast({{ beginning_of_time() }} as date) as since_date
    from {{ ref("fct_savings_days") }}
),

customer_months as (
    select
        days.customer_id,
        {{ month_start("days.activity_date") }} as month_start_date,
        arms.experiment_id,
        arms.variation_id,
        days.segment_type,
        days.segment_value,
        cast(sum(days.saved_amount) as decimal(18, 2)) as saved_amount,
        cast(sum(days.inflow_amount) as decimal(18, 2)) as inflow_amount,
        cast(sum(days.other_currency_count) as bigint) as other_currency_count
    from segmented_days as days
    inner join arms
        on
            days.customer_id = arms.customer_id
            and days.activity_date >= arms.since_date
    group by all
),

final as (
    select
        month_start_date,
        experiment_id,
        variation_id,
        segment_type,
        segment_value,
        count(*) as customer_count,
        cast(sum(saved_amount) as decimal(38, 2)) as sum_y,
        cast(sum(inflow_amount) as decimal(38, 2)) as sum_x,
        cast(sum(saved_amount * saved_amount) as decimal(38, 4)) as sum_yy,
        cast(sum(saved_amount * inflow_amount) as decimal(38, 4)) as sum_xy,
        cast(sum(inflow_amount * inflow_amount) as decimal(38, 4)) as sum_xx,
        cast(sum(other_currency_count) as bigint) as other_currency_count
    from customer_months
    group by all
)

select * from final
