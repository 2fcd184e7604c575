select
    source_name,
    table_name,
    canonical_table,
    owner,
    sla_hours,
    expected_field_count,
    is_closed,
    is_active
from {{ source("raw", "contracts") }}
