select
    {{ lineage("core_banking", "account_wallets") }},
    account_id,
    caip10 as wallet,
    linked_at,
    unlinked_at,
    proof_type
from {{ source("raw", "core_banking__account_wallets") }}
