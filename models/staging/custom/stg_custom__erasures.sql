select
    {{ lineage("custom", "erasures") }},
    request_id,
    identifier_type,
    identifier_value,
    requested_at
from {{ source("raw", "custom__erasures") }}
