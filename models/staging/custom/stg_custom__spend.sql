select
    {{ lineage("custom", "spend") }},
    spend_date,
    subject_type,
    subject,
    kind,
    amount,
    currency_code
from {{ source("raw", "custom__spend") }}
