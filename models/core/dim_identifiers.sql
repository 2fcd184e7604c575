select
    identifiers.identifier_key,
    identifiers.identifier_type,
    resolved.customer_id,
    identifiers.first_seen_at
from {{ ref("identity_identifiers") }} as identifiers
inner join {{ source("resolver", "identifier_customers") }} as resolved
    on identifiers.identifier_key = resolved.identifier_key
