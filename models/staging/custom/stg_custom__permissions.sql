select
    {{ lineage("custom", "permissions") }},
    customer_ref,
    user_id,
    prompt_id,
    permission_scope,
    sequence,
    explanation_id,
    experiment_id,
    outcome,
    outcome_at
from {{ source("raw", "custom__permissions") }}
