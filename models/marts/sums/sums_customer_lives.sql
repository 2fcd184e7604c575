{#-
    One row per customer whose beginning the data show: their first active day, and on which of the days after it they
    were there. Who signed up before the data begin is left out: their first day in them is not their first.
    The windows of retention are seven days each, so that they compare.
-#}
with seen as (
    select
        customer_id,
        min(first_active_at) as first_active_at,
        min(activity_date) as first_active_date,
        max(activity_date) as last_active_date
    from {{ ref("fct_customer_days") }}
    where
        is_active
        and is_named
        and activity_date < {{ as_of_date() }}
    group by customer_id
),

beginnings as (
    select min(first_active_date) as data_begin_date
    from seen
),

firsts as (
    select seen.*
    from seen
    inner join {{ ref("dim_customers") }} as customers
        on seen.customer_id = customers.customer_id
    cross join beginnings
    where
        coalesce(
            {{ local_date("customers.signed_up_at") }} >= beginnings.data_begin_date, true
        )
),

aged_days as (
    select
        firsts.customer_id,
        days.is_active,
        days.key_action_count,
        {{ days_between("firsts.first_active_date", "days.activity_date") }} as age_days
    from {{ ref("fct_customer_days") }} as days
    inner join firsts
        on
            days.customer_id = firsts.customer_id
            and days.activity_date >= firsts.first_active_date
            and days.activity_date < {{ as_of_date() }}
),

windows as (
    select
        {%- for age in retention_ages() %}
        bool_or(is_active and age_days between {{ age - 6 }} and {{ age }})
            as was_active_d{{ age }},
        {%- endfor %}
        customer_id,
        bool_or(age_days <= 6 and key_action_count > 0) as is_activated
    from aged_days
    group by customer_id
),

final as (
    select
        {%- for age in retention_ages() %}
        windows.was_active_d{{ age }},
        {%- endfor %}
        firsts.customer_id,
        firsts.first_active_at,
        firsts.first_active_date,
        firsts.last_active_date,
        windows.is_activated
    from firsts
    inner join windows
        on firsts.customer_id = windows.customer_id
)

select * from final
