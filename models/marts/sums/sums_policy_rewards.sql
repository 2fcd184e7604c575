{#-
    What a policy's log says of each customer, action and month: counts, rewards, and the inverse propensities by which
    another policy's choices are weighed. A weight is the other policy's probability times the inverse propensity, and
    that probability follows from action and list; so these sums serve every policy that can be asked about.
-#}
with decisions as (
    select
        *,
        md5(eligible_actions) as action_list_key
    from {{ ref("fct_decisions") }}
    where served_at is not null
    -- Of two sources that tell of one decision the earlier word counts.
    qualify
        row_number() over (
            partition by decision_id
            order by event_at asc, row_id asc
        ) = 1
),

acted as (
    select insight_id
    from {{ ref("fct_insights") }}
    where acted_at is not null
),

choices as (
    select
        coalesce(decisions.policy_id, 'none') as logged_policy_id,
        case when decisions.reward is null then 'acted' else 'logged_reward' end as reward_name,
        {{ month_start(local_date("decisions.decided_at")) }} as month_start_date,
        coalesce(customers.customer_key, md5(decisions.decision_id)) as customer_key,
        coalesce(decisions.action_list_key, 'none') as action_list_key,
        coalesce(candidates.action_id, behaviours.action_id, 'none') as action_id,
        candidates.action_id is null and behaviours.action_id is null as is_off_list,
        coalesce(decisions.propensity > 0 and decisions.propensity <= 1, false) as has_propensity,
        decisions.exploration_floor is not null as has_floor,
        decisions.propensity < decisions.exploration_floor as is_below_floor,
        case
            when decisions.propensity > 0 and decisions.propensity <= 1 then decisions.propensity
        end as propensity,
        coalesce(
            decisions.reward, case when acted.insight_id is null then 0.0 else 1.0 end
        ) as reward
    from decisions
    left join {{ ref("dim_identifiers") }} as identifiers
        on decisions.identifier_key = identifiers.identifier_key
    left join {{ ref("dim_customer_halves") }} as customers
        on identifiers.customer_id = customers.customer_id
    left join {{ ref("sums_policy_actions") }} as candidates
        on
            decisions.action_list_key = candidates.action_list_key
            and decisions.candidate_id = candidates.action_id
    left join {{ ref("sums_policy_actions") }} as behaviours
        on
            decisions.action_list_key = behaviours.action_list_key
            and decisions.model_behaviour = behaviours.action_id
    left join acted
        on decisions.decision_id = acted.insight_id
),

final as (
    select
        logged_policy_id,
        reward_name,
        month_start_date,
        customer_key,
        action_list_key,
        action_id,
        count(*) as decision_count,
        count(case when is_off_list then 1 end) as off_list_count,
        count(case when not has_propensity then 1 end) as no_propensity_count,
        count(case when not has_floor then 1 end) as no_floor_count,
        count(case when is_below_floor then 1 end) as below_floor_count,
        sum(cast(reward as decimal(24, 12))) as reward_sum,
        coalesce(sum(cast(1 / propensity as decimal(24, 12))), 0) as inverse_sum,
        coalesce(sum(cast(1 / (propensity * propensity) as decimal(28, 12))), 0)
            as squared_inverse_sum,
        coalesce(max(cast(1 / propensity as decimal(24, 12))), 0) as largest_inverse,
        coalesce(sum(cast(reward / propensity as decimal(24, 12))), 0) as weighted_reward_sum
    from choices
    group by
        logged_policy_id,
        reward_name,
        month_start_date,
        customer_key,
        action_list_key,
        action_id
)

select * from final
