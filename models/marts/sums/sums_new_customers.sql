{#- New customers whose first ninety days are over, and who was there in the third month. -#}
with active_days as (
    select
        customer_id,
        activity_date,
        session_count
    from {{ ref("fct_customer_days") }}
    where
        is_active
        and is_named
),

sources as (
    select max(case when session_count > 0 then 1 else 0 end) as has_sessions
    from active_days
),

new_customers as (
    select
        customer_id,
        first_active_date
    from {{ ref("sums_customer_lives") }}
    where {{ is_mature(add_days("first_active_date", 90)) }}
),

days as (
    select
        new_customers.customer_id,
        active_days.session_count,
        {{ days_between("new_customers.first_active_date", "active_days.activity_date") }} as age
    from new_customers
    inner join active_days
        on new_customers.customer_id = active_days.customer_id
),

final as (
    select
        new_customers.customer_id,
        halves.half,
        new_customers.first_active_date,
        sources.has_sessions = 1 as has_other_activity,
        count(case when days.age < 7 then 1 end) as early_day_count,
        count(case when days.age between 60 and 89 then 1 end) > 0 as is_retained,
        count(case when days.age between 60 and 89 and days.session_count > 0 then 1 end) > 0
            as is_retained_by_sessions
    from new_customers
    inner join days
        on new_customers.customer_id = days.customer_id
    inner join {{ ref("dim_customer_halves") }} as halves
        on new_customers.customer_id = halves.customer_id
    cross join sources
    group by all
)

select * from final
