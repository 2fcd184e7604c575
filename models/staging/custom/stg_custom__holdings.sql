select
    {{ lineage("custom", "holdings") }},
    customer_ref,
    product_line,
    valid_from,
    valid_to,
    reason
from {{ source("raw", "custom__holdings") }}
