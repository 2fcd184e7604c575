{%- set inputs = ["events", "decisions"] -%}
with logs as (
    select
        logged_policy_id,
        reward_name,
        month_start_date,
        cast(sum(decision_count) as bigint) as decision_count,
        count(distinct customer_key) as customer_count,
        sum(off_list_count) as off_list_count,
        sum(no_propensity_count) as no_propensity_count,
        sum(no_floor_count) as no_floor_count,
        sum(below_floor_count) as below_floor_count,
        {{ is_mature(add_days(
            next_month_start("month_start_date"), var("insight_window_days")
        )) }} as is_mature
    from {{ ref("sums_policy_rewards") }}
    group by logged_policy_id, reward_name, month_start_date
),

-- The first reason that holds.
judged as (
    select
        logs.decision_count,
        logs.customer_count,
        logs.is_mature,
        policies.*,
        case
            when logs.no_propensity_count > 0 then 'no_propensity'
            when logs.no_floor_count > 0 then 'no_exploration_floor'
            when logs.below_floor_count > 0 then 'below_exploration_floor'
            when logs.off_list_count > 0 then 'unlisted_action'
            when policies.mean_weight = 0 then 'no_support'
            when abs(policies.mean_weight - 1) > {{ var("policy_weight_tolerance") }}
                then 'weights_off'
            when policies.effective_sample_size < {{ var("policy_min_effective_sample") }}
                then 'small_effective_sample'
            when policies.largest_weight_share > {{ var("policy_max_weight_share") }}
                then 'one_decision_dominates'
        end as refusal_reason
    from {{ source("inference", "policy_values") }} as policies
    inner join logs
        on
            policies.logged_policy_id = logs.logged_policy_id
            and policies.reward_name = logs.reward_name
            and policies.month_start_date = logs.month_start_date
),

shown as (
    select
        *,
        is_mature and refusal_reason is null as is_shown
    from judged
),

data_through as (
    {{ data_through(inputs) }}
),

degraded_days as (
    {{ degraded_days(inputs) }}
),

degraded as (
    select distinct {{ month_start("activity_date") }} as month_start_date
    from degraded_days
),

final as (
    select
        shown.policy_id,
        shown.reward_name,
        shown.month_start_date,
        shown.logged_policy_id,
        shown.target_rule,
        shown.target_action_id,
        shown.decision_count,
        shown.customer_count,
        case when shown.is_mature then shown.logged_value end as logged_value,
        {%- for estimate in [
            "ips_value", "self_normalised_value", "doubly_robust_value", "absolute_lift",
        ] %}
        case when shown.is_shown then shown.{{ estimate }} end as {{ estimate }},
        case when shown.is_shown then shown.{{ estimate }}_standard_error end
            as {{ estimate }}_standard_error,
        case when shown.is_shown then shown.{{ estimate }}_ci_lower end as {{ estimate }}_ci_lower,
        case when shown.is_shown then shown.{{ estimate }}_ci_upper end as {{ estimate }}_ci_upper,
        {%- endfor %}
        shown.effective_sample_size,
        shown.mean_weight,
        shown.largest_weight_share,
        shown.refusal_reason is not null as is_refused,
        shown.refusal_reason,
        cast('randomised' as string) as evidence_type,
        shown.is_mature,
        data_through.data_through_date,
        case when degraded.month_start_date is null then 'ok' else 'degraded' end as data_quality
    from shown
    left join degraded
        on shown.month_start_date = degraded.month_start_date
    cross join data_through
)

select * from final
