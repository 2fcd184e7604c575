select
    {{ lineage("core_banking", "product_holdings") }},
    customer_id as customer_ref,
    product_line,
    valid_from,
    valid_to,
    cast(null as string) as reason
from {{ source("raw", "core_banking__product_holdings") }}
