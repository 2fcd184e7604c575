select
    {{ lineage("braze", "user_delete_requests") }},
    id as request_id,
    cast('profile_id' as string) as identifier_type,
    'braze:' || user_id as identifier_value,
    _event_at as requested_at
from {{ source("raw", "braze__user_delete_requests") }}
