select
    {{ lineage("custom", "customers") }},
    customer_ref,
    email,
    phone,
    signed_up_at,
    closed_at,
    date_of_birth,
    timezone,
    country,
    lifecycle_stage,
    risk_segment,
    risk_rating,
    valid_from,
    is_staff,
    is_test,
    cast(null as timestamp) as deleted_at
from {{ source("raw", "custom__customers") }}
