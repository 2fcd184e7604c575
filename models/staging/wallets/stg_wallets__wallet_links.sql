select
    {{ lineage("wallets", "wallet_links") }},
    account_id,
    wallet,
    linked_at,
    unlinked_at,
    proof_type
from {{ source("raw", "wallets__wallet_links") }}
