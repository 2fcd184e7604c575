{{ kept("decisions", [
    "row_id", "decision_id", "event_at", "decided_at", "served_at", "feature_id",
    "feature_version", "policy_id", "policy_type", "model_version", "model_behaviour",
    "insight_category", "channel", "offer_id", "content_id", "propensity",
    "exploration_floor", "score", "score_threshold", "reason_shown", "customer_response",
    "linked_task_id", "goal_id", "reward",
], standardised={"channel": "channel"}) }}
