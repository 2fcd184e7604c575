select
    {{ lineage("custom", "goals") }},
    customer_ref,
    account_id,
    goal_id,
    kind,
    target_amount,
    currency_code,
    started_at,
    reached_at,
    cancelled_at,
    source_insight_id,
    cast(null as timestamp) as deleted_at
from {{ source("raw", "custom__goals") }}
