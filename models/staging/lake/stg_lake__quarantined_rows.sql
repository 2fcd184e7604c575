select
    source_name,
    table_name,
    received_date,
    _received_at as received_at,
    _row_id as row_id,
    reason,
    kind
from {{ source("raw", "quarantined_rows") }}
