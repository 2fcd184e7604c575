select
    {{ lineage("experimentation", "experiments") }},
    experiment_id,
    feature_id,
    registered_at,
    started_at,
    ended_at,
    planned_days,
    holdout_share,
    primary_metric,
    minimum_effect,
    kind,
    follows_experiment_id,
    mandatory_metrics,
    money_cap,
    salt
from {{ source("raw", "experimentation__experiments") }}
