select
    {{ lineage("core_banking", "accounts") }},
    customer_id as customer_ref,
    kyc_applicant_id,
    account_id,
    product_line,
    status,
    opened_at,
    closed_at,
    is_test,
    deleted_at
from {{ source("raw", "core_banking__accounts") }}
