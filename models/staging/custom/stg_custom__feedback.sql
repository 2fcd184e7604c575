select
    {{ lineage("custom", "feedback") }},
    customer_ref,
    user_id,
    contact_id,
    cast(null as string) as profile_id,
    email,
    response_id,
    instrument,
    prompt_id,
    invited_at,
    insight_id,
    decision_id,
    question,
    answer,
    scale_min,
    scale_max,
    text
from {{ source("raw", "custom__feedback") }}
