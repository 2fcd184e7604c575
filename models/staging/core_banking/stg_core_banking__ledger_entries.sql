select
    {{ lineage("core_banking", "ledger_entries") }},
    cast(null as string) as customer_ref,
    account_id,
    entry_id,
    entry_class,
    amount,
    currency as currency_code,
    transfer_pair_id,
    reversal_of,
    country,
    fraud_label,
    fraud_label_at
from {{ source("raw", "core_banking__ledger_entries") }}
