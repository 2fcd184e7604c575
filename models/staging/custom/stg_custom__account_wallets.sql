select
    {{ lineage("custom", "account_wallets") }},
    account_id,
    wallet,
    linked_at,
    unlinked_at,
    proof_type
from {{ source("raw", "custom__account_wallets") }}
