select
    {{ lineage("custom", "offers_to_opt_in") }},
    customer_ref,
    user_id,
    offer_id,
    feature_id,
    offered_at,
    outcome,
    outcome_at
from {{ source("raw", "custom__offers_to_opt_in") }}
