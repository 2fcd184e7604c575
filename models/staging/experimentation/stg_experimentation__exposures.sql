select
    {{ lineage("experimentation", "exposures") }},
    case when unit_type = 'customer' then unit end as customer_ref,
    case when unit_type = 'device' then unit end as device_id,
    cast(null as string) as anonymous_id,
    cast(null as string) as profile_id,
    experiment_id || ' ' || unit || ' ' || cast(exposed_at as string) as exposure_id,
    experiment_id,
    unit_type,
    unit,
    variation_id,
    is_counterfactual,
    exposed_at
from {{ source("raw", "experimentation__exposures") }}
