{#- Decisions about each customer by the kind of policy that took them, and all of the week's. -#}
with decided as (
    select
        identifiers.customer_id,
        coalesce(decisions.policy_type, 'unknown') as policy_type,
        {{ week_start(local_date("decisions.decided_at")) }} as week_start_date
    from {{ ref("fct_decisions") }} as decisions
    inner join {{ ref("dim_identifiers") }} as identifiers
        on decisions.identifier_key = identifiers.identifier_key
),

customer_weeks as (
    select
        customer_id,
        week_start_date,
        count(*) as all_decision_count
    from decided
    group by customer_id, week_start_date
),

types as (
    select distinct
        policy_type,
        week_start_date
    from decided
),

customer_types as (
    select
        customer_id,
        policy_type,
        week_start_date,
        count(*) as decision_count
    from decided
    group by customer_id, policy_type, week_start_date
),

final as (
    select
        customer_weeks.customer_id,
        types.policy_type,
        customer_weeks.week_start_date,
        coalesce(customer_types.decision_count, 0) as decision_count,
        customer_weeks.all_decision_count
    from customer_weeks
    inner join types
        on customer_weeks.week_start_date = types.week_start_date
    left join customer_types
        on
            customer_weeks.customer_id = customer_types.customer_id
            and customer_weeks.week_start_date = customer_types.week_start_date
            and types.policy_type = customer_types.policy_type
)

select * from final
