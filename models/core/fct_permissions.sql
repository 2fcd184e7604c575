{{ kept("permissions", [
    "row_id", "event_at", "permission_scope", "sequence", "explanation_id", "experiment_id",
    "outcome", "outcome_at",
]) }}
