select
    experiment_id,
    feature_id,
    coalesce(kind, 'test') as kind,
    follows_experiment_id,
    registered_at,
    started_at,
    ended_at,
    planned_days,
    holdout_share,
    primary_metric,
    minimum_effect,
    mandatory_metrics,
    money_cap,
    salt
from (
    {{ kept("experiments", [
        "experiment_id", "feature_id", "kind", "follows_experiment_id", "registered_at",
        "started_at", "ended_at", "planned_days", "holdout_share", "primary_metric",
        "minimum_effect", "mandatory_metrics", "money_cap", "salt",
    ]) }}
) as experiments
