select
    {{ lineage("core_banking", "eligibility") }},
    customer_id as customer_ref,
    product_line,
    valid_from,
    valid_to,
    reason
from {{ source("raw", "core_banking__eligibility") }}
