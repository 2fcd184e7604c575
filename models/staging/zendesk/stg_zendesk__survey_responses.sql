select
    {{ lineage("zendesk", "survey_responses") }},
    cast(null as string) as customer_ref,
    cast(null as string) as user_id,
    cast(null as string) as email,
    cast(null as string) as contact_id,
    'zendesk:' || cast(requester_id as string) as profile_id,
    'survey:' || id as response_id,
    cast('csat' as string) as instrument,
    'ticket:' || cast(ticket_id as string) as prompt_id,
    created_at as invited_at,
    cast(null as string) as insight_id,
    cast(null as string) as decision_id,
    cast(null as string) as question,
    {{ json_element_text("answers", 0, "rating") }} as answer,
    cast(1 as double) as scale_min,
    cast(5 as double) as scale_max,
    {{ json_element_text("answers", 1, "value") }} as text
from {{ source("raw", "zendesk__survey_responses") }}
