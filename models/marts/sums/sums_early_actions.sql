{#-
    Who did what how often in the first week, and who stayed, by half and by active days of that week. An order is itself
    activity: beside sessions it is compared with those alone, so that one activity does not stand on both sides.
-#}
with customers as (
    select *
    from {{ ref("sums_new_customers") }}
),

event_actions as (
    select
        customers.customer_id,
        events.event_name as action_name,
        count(*) as action_count
    from {{ ref("fct_events") }} as events
    inner join {{ ref("event_taxonomy") }} as names
        on
            events.event_name = names.event_name
            and names.is_action
    inner join {{ ref("dim_identifiers") }} as identifiers
        on events.identifier_key = identifiers.identifier_key
    inner join customers
        on
            identifiers.customer_id = customers.customer_id
            and events.activity_date >= customers.first_active_date
            and events.activity_date < {{ add_days("customers.first_active_date", 7) }}
    group by customers.customer_id, events.event_name
),

order_actions as (
    select
        customers.customer_id,
        cast('order_placed' as string) as action_name,
        count(*) as action_count
    from {{ ref("fct_orders") }} as orders
    inner join {{ ref("dim_identifiers") }} as identifiers
        on orders.identifier_key = identifiers.identifier_key
    inner join customers
        on
            identifiers.customer_id = customers.customer_id
            and {{ local_date("orders.ordered_at") }} >= customers.first_active_date
            and {{ local_date("orders.ordered_at") }}
            < {{ add_days("customers.first_active_date", 7) }}
    group by customers.customer_id
),

actions as (
    select * from event_actions
    union all
    select * from order_actions
),

candidates as (
    select
        names.action_name,
        thresholds.threshold
    from (
        select distinct action_name
        from actions
    ) as names
    cross join {{ ref("action_thresholds") }} as thresholds
),

judged as (
    select
        candidates.action_name,
        candidates.threshold,
        customers.half,
        least(customers.early_day_count, 7) as early_day_count,
        candidates.action_name = 'order_placed' and not customers.has_other_activity
            as is_same_activity,
        coalesce(actions.action_count >= candidates.threshold, false) as has_done,
        case
            when candidates.action_name = 'order_placed' and customers.has_other_activity
                then customers.is_retained_by_sessions
            else customers.is_retained
        end as is_retained
    from customers
    cross join candidates
    left join actions
        on
            customers.customer_id = actions.customer_id
            and candidates.action_name = actions.action_name
),

final as (
    select
        action_name,
        threshold,
        half,
        early_day_count,
        is_same_activity,
        {{ var("fdr_level") }} as fdr_level,
        {{ var("discovery_min_customers") }} as min_customer_count,
        count(case when has_done and is_retained then 1 end) as true_positive_count,
        count(case when has_done and not is_retained then 1 end) as false_positive_count,
        count(case when not has_done and is_retained then 1 end) as false_negative_count,
        count(case when not has_done and not is_retained then 1 end) as true_negative_count
    from judged
    group by action_name, threshold, half, early_day_count, is_same_activity
)

select * from final
