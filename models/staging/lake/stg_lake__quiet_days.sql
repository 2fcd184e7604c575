select
    source_name,
    quiet_date,
    starts_at,
    ends_at
from {{ source("raw", "quiet_days") }}
