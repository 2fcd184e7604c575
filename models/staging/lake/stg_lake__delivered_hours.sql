select
    source_name,
    hour_start_at
from {{ source("raw", "delivered_hours") }}
