with decisions as (
    {{ kept("decisions", [
        "row_id", "decision_id", "event_at", "decided_at", "served_at", "feature_id",
        "feature_version", "policy_id", "policy_type", "model_version", "model_behaviour",
        "insight_category", "channel", "offer_id", "content_id", "propensity",
        "exploration_floor", "score", "score_threshold", "reason_shown", "customer_response",
        "linked_task_id", "goal_id", "reward",
    ]) }}
),

channels as (
    select
        raw_value,
        standard_value
    from {{ ref("hygiene_standard_values") }}
    where field = 'channel'
),

final as (
    select
        decisions.identifier_key,
        decisions.row_id,
        decisions.decision_id,
        decisions.event_at,
        decisions.decided_at,
        decisions.served_at,
        decisions.feature_id,
        decisions.feature_version,
        decisions.policy_id,
        decisions.policy_type,
        decisions.model_version,
        decisions.model_behaviour,
        decisions.insight_category,
        coalesce(channels.standard_value, decisions.channel) as channel,
        decisions.offer_id,
        decisions.content_id,
        decisions.propensity,
        decisions.exploration_floor,
        decisions.score,
        decisions.score_threshold,
        decisions.reason_shown,
        decisions.customer_response,
        decisions.linked_task_id,
        decisions.goal_id,
        decisions.reward
    from decisions
    left join channels
        on lower(trim(decisions.channel)) = channels.raw_value
)

select * from final
