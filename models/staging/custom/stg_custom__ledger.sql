select
    {{ lineage("custom", "ledger") }},
    customer_ref,
    account_id,
    entry_id,
    entry_class,
    amount,
    currency_code,
    transfer_pair_id,
    reversal_of,
    country,
    fraud_label,
    fraud_label_at
from {{ source("raw", "custom__ledger") }}
