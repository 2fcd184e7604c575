select
    source_name,
    table_name,
    received_date,
    kind,
    field,
    expected,
    found,
    row_count,
    file_count
from {{ source("raw", "schema_drift") }}
