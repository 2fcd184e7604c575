select
    {{ lineage("crm", "spend") }},
    spend_date,
    subject_type,
    subject,
    kind,
    amount,
    currency as currency_code
from {{ source("raw", "crm__spend") }}
