select
    {{ lineage("custom", "accounts") }},
    customer_ref,
    account_id,
    kyc_applicant_id,
    product_line,
    status,
    opened_at,
    closed_at,
    is_test,
    cast(null as timestamp) as deleted_at
from {{ source("raw", "custom__accounts") }}
