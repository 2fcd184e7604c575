select
    {{ lineage("core_banking", "savings_goals") }},
    cast(null as string) as customer_ref,
    account_id,
    goal_id,
    kind,
    target as target_amount,
    currency as currency_code,
    started_at,
    reached_at,
    cancelled_at,
    source_insight_id,
    deleted_at
from {{ source("raw", "core_banking__savings_goals") }}
