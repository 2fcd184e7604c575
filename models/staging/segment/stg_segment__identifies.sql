select
    {{ lineage("segment", "identifies") }},
    user_id as customer_ref,
    cast(null as string) as user_id,
    email,
    phone,
    anonymous_id,
    id as identification_id
from {{ source("raw", "segment__identifies") }}
