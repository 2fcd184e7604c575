select
    {{ lineage("experimentation", "assignments") }},
    case when unit_type = 'customer' then unit end as customer_ref,
    case when unit_type = 'device' then unit end as device_id,
    experiment_id,
    unit_type,
    unit,
    variation_id,
    variation_role,
    assigned_at,
    eligible_at,
    stage_share
from {{ source("raw", "experimentation__assignments") }}
