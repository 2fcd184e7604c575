select
    source_name,
    device_id,
    session_id,
    min(event_at) as started_at,
    max(event_at) as ended_at,
    count(*) as event_count
from {{ ref("fct_events") }}
where
    device_id is not null
    and session_id is not null
group by all
