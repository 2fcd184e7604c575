select
    {{ lineage("custom", "preferences") }},
    case when unit_type = 'customer' then unit end as customer_ref,
    cast(null as string) as profile_id,
    unit_type,
    unit,
    scope,
    feature_id,
    channel,
    old_state,
    new_state,
    actor,
    effective_at,
    source_screen,
    reason,
    cast(null as string) as preference_id
from {{ source("raw", "custom__preferences") }}
