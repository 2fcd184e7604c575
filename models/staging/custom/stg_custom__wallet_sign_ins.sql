select
    {{ lineage("custom", "wallet_sign_ins") }},
    customer_ref,
    account_id,
    wallet,
    domain,
    nonce,
    is_verified,
    expires_at
from {{ source("raw", "custom__wallet_sign_ins") }}
