select
    {{ lineage("braze", "control_enrollments") }},
    external_user_id as customer_ref,
    cast(null as string) as device_id,
    cast(null as string) as anonymous_id,
    'braze:' || user_id as profile_id,
    id as exposure_id,
    coalesce(campaign_id, canvas_id) as experiment_id,
    cast('customer' as string) as unit_type,
    coalesce(external_user_id, user_id) as unit,
    case
        when event_type like '%EnrollInControl' or in_control_group then 'holdout'
        else 'treatment'
    end as variation_id,
    event_type like '%EnrollInControl'
    or coalesce(in_control_group, false) as is_counterfactual,
    _event_at as exposed_at
from {{ source("raw", "braze__control_enrollments") }}
