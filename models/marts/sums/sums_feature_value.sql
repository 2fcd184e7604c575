{#-
    Customers by whether they are in the top decile of value, the net revenue of the days before the day of `as_of`, and
    whether they used a feature in those days. Who is equally
    valuable as somebody beyond the edge is beyond it too.
-#}
with periods as (
    select
        {{ add_days(as_of_date(), -var("value_window_days")) }} as first_date,
        {{ as_of_date() }} as end_date
),

revenues as (
    select
        days.customer_id,
        sum(days.net_revenue) as net_revenue
    from {{ ref("fct_revenue_days") }} as days
    cross join periods
    where
        days.activity_date >= periods.first_date
        and days.activity_date < periods.end_date
    group by days.customer_id
),

active_customers as (
    select distinct days.customer_id
    from {{ ref("fct_customer_days") }} as days
    cross join periods
    where
        days.is_active
        and days.is_named
        and days.activity_date >= periods.first_date
        and days.activity_date < periods.end_date
),

ranked as (
    select
        active_customers.customer_id,
        count(*) over () as active_count,
        count(*) over (
            order by coalesce(revenues.net_revenue, 0) desc
            range between unbounded preceding and current row
        ) as as_valuable_count
    from active_customers
    left join revenues
        on active_customers.customer_id = revenues.customer_id
),

valued as (
    select
        customer_id,
        as_valuable_count * 10 <= active_count as is_top
    from ranked
),

uses as (
    select distinct
        identifiers.customer_id,
        events.feature_id
    from {{ ref("fct_feature_events") }} as events
    inner join {{ ref("dim_identifiers") }} as identifiers
        on events.identifier_key = identifiers.identifier_key
    cross join periods
    where
        events.is_use
        and events.activity_date >= periods.first_date
        and events.activity_date < periods.end_date
),

features as (
    select distinct feature_id
    from uses
),

final as (
    select
        features.feature_id,
        count(case when valued.is_top then 1 end) as top_count,
        count(case when valued.is_top and uses.customer_id is not null then 1 end)
            as top_used_count,
        count(case when not valued.is_top then 1 end) as rest_count,
        count(case when not valued.is_top and uses.customer_id is not null then 1 end)
            as rest_used_count
    from valued
    cross join features
    left join uses
        on
            valued.customer_id = uses.customer_id
            and features.feature_id = uses.feature_id
    group by features.feature_id
)

select * from final
