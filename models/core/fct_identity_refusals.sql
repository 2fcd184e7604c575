{#- What the resolver refused to join. -#}
select
    identifier_key,
    other_identifier_key,
    identifier_type,
    tier,
    reason,
    holder_count,
    first_seen_at
from {{ source("resolver", "identity_reviews") }}
