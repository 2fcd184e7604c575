{#-
    New customers whose first ninety days are over, and whether they were there in the third month. Who signed up before
    the data begin is left out: what those did in their first week nobody can know.
-#}
with named_customers as (
    select distinct customer_id
    from {{ ref("dim_identifiers") }}
    where identifier_type in ('customer_ref', 'account_id', 'user_id')
),

active_days as (
    select
        days.customer_id,
        days.activity_date,
        days.session_count
    from {{ ref("fct_customer_days") }} as days
    inner join named_customers
        on days.customer_id = named_customers.customer_id
    where days.is_active
),

beginnings as (
    select
        min(activity_date) as data_begin_date,
        max(case when session_count > 0 then 1 else 0 end) as has_sessions
    from active_days
),

firsts as (
    select
        customer_id,
        min(activity_date) as first_active_date
    from active_days
    group by customer_id
),

new_customers as (
    select
        firsts.customer_id,
        firsts.first_active_date,
        beginnings.has_sessions
    from firsts
    inner join {{ ref("dim_customers") }} as customers
        on firsts.customer_id = customers.customer_id
    cross join beginnings
    where
        coalesce(
            {{ local_date("customers.signed_up_at") }} >= beginnings.data_begin_date, true
        )
        and {{ is_mature(add_days("firsts.first_active_date", 90)) }}
),

days as (
    select
        active_days.customer_id,
        active_days.session_count,
        {{ days_between("firsts.first_active_date", "active_days.activity_date") }} as age
    from active_days
    inner join firsts
        on active_days.customer_id = firsts.customer_id
),

final as (
    select
        new_customers.customer_id,
        halves.half,
        new_customers.first_active_date,
        new_customers.has_sessions = 1 as has_other_activity,
        count(case when days.age < 7 then 1 end) as early_day_count,
        count(case when days.age between 60 and 89 then 1 end) > 0 as is_retained,
        count(case when days.age between 60 and 89 and days.session_count > 0 then 1 end) > 0
            as is_retained_by_sessions
    from new_customers
    inner join days
        on new_customers.customer_id = days.customer_id
    inner join {{ ref("dim_customer_halves") }} as halves
        on new_customers.customer_id = halves.customer_id
    group by all
)

select * from final
