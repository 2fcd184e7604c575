select
    {{ lineage("crm", "campaigns") }},
    campaign_id,
    briefed_at,
    live_at,
    needs_ticket,
    min_gap_seconds,
    quiet_hours
from {{ source("raw", "crm__campaigns") }}
