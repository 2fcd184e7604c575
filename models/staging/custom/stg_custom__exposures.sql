select
    {{ lineage("custom", "exposures") }},
    case when unit_type = 'customer' then unit end as customer_ref,
    cast(null as string) as profile_id,
    case when unit_type = 'device' then unit end as device_id,
    case when unit_type = 'anonymous' then unit end as anonymous_id,
    experiment_id,
    unit_type,
    unit,
    variation_id,
    is_counterfactual,
    exposed_at,
    cast(null as string) as exposure_id
from {{ source("raw", "custom__exposures") }}
