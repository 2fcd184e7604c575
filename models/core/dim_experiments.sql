{{ kept("experiments", [
    "experiment_id", "feature_id", "started_at", "ended_at", "planned_days", "holdout_share",
    "primary_metric", "minimum_effect",
]) }}
