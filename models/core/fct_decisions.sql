{{ kept("decisions", [
    "row_id", "decision_id", "event_at", "received_at", "decided_at", "served_at", "feature_id",
    "feature_version", "candidate_id", "objective", "policy_id", "policy_type", "model_version",
    "model_behaviour", "insight_category", "message", "channel", "send_time", "offer_id", "tone",
    "frequency", "format", "content_id", "eligible_actions", "propensity", "exploration_floor",
    "expected_reward", "score", "score_threshold", "features_used", "snapshot_at",
    "snapshot_ttl_seconds", "asserted_lifecycle_stage", "asserted_risk_segment", "filter_ran",
    "filter_result", "filter_reason", "review_status", "reviewed_at", "reason_shown",
    "customer_response", "is_auto_applied", "linked_task_id", "goal_id", "reward",
], standardised={
    "channel": "channel",
    "asserted_lifecycle_stage": "lifecycle_stage",
    "asserted_risk_segment": "risk_segment",
}) }}
