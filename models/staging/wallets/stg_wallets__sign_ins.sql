select
    {{ lineage("wallets", "sign_ins") }},
    customer_ref,
    cast(null as string) as account_id,
    'eip155:' || cast(chain_id as string) || ':' || address as wallet,
    domain,
    nonce,
    is_verified,
    expires_at
from {{ source("raw", "wallets__sign_ins") }}
