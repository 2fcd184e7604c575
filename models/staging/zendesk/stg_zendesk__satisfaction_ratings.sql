select
    {{ lineage("zendesk", "satisfaction_ratings") }},
    cast(null as string) as customer_ref,
    cast(null as string) as user_id,
    cast(null as string) as email,
    cast(null as string) as contact_id,
    'zendesk:' || cast(requester_id as string) as profile_id,
    cast(null as string) as participant_id,
    'rating:' || cast(id as string) as response_id,
    cast('csat' as string) as instrument,
    'ticket:' || cast(ticket_id as string) as prompt_id,
    created_at as invited_at,
    cast(null as string) as insight_id,
    cast(null as string) as decision_id,
    cast(null as string) as question,
    -- Zendesk writes `offered` for a question nobody has answered yet.
    case when score not in ('offered', 'unoffered') then score end as answer,
    cast(null as double) as scale_min,
    cast(null as double) as scale_max,
    comment as text
from {{ source("raw", "zendesk__satisfaction_ratings") }}
