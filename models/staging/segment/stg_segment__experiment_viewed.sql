select
    {{ lineage("segment", "experiment_viewed") }},
    user_id as customer_ref,
    cast(null as string) as device_id,
    anonymous_id,
    cast(null as string) as profile_id,
    id as exposure_id,
    experiment_id,
    case when user_id is not null then 'customer' else 'anonymous' end as unit_type,
    coalesce(user_id, anonymous_id) as unit,
    variation_id,
    false as is_counterfactual,
    timestamp as exposed_at
from {{ source("raw", "segment__experiment_viewed") }}
