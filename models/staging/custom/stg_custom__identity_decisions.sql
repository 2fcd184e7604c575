select
    {{ lineage("custom", "identity_decisions") }},
    left_identifier_key,
    right_identifier_key,
    decision,
    reviewer
from {{ source("raw", "custom__identity_decisions") }}
