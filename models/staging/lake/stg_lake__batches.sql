select
    source_name,
    table_name,
    received_date,
    fingerprint,
    row_count
from {{ source("raw", "batches") }}
