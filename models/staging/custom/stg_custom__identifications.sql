select
    {{ lineage("custom", "identifications") }},
    customer_ref,
    user_id,
    email,
    phone,
    anonymous_id,
    identification_id
from {{ source("raw", "custom__identifications") }}
