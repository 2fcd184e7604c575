select
    {{ lineage("core_banking", "customers") }},
    customer_id as customer_ref,
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
    updated_at as valid_from,
    is_staff,
    is_test,
    deleted_at
from {{ source("raw", "core_banking__customers") }}
