{{ kept("offers_to_opt_in", [
    "row_id", "event_at", "feature_id", "offered_at", "outcome", "outcome_at",
]) }}
