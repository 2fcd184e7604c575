select
    {{ lineage("zendesk", "tickets") }},
    -- Custom fields 360001 and 360002 are where this help desk keeps them.
    {{ json_field_value("custom_fields", 360001) }} as customer_ref,
    cast(null as string) as email,
    cast(null as string) as phone,
    cast(null as string) as contact_id,
    'zendesk:' || cast(requester_id as string) as profile_id,
    cast(id as string) as ticket_id,
    created_at,
    status,
    {{ json_text("via", "channel") }} as channel,
    subject,
    description as body,
    tags,
    {{ json_field_value("custom_fields", 360002) }} as feature_id,
    created_at
    + cast({{ json_path_text("metric_set", ["reply_time_in_minutes", "calendar"]) }} as bigint)
    * interval '1' minute as first_reply_at,
    case when status in ('solved', 'closed') then updated_at end as solved_at,
    cast({{ json_text("metric_set", "reopens") }} as bigint) as reopen_count,
    cast(null as string) as language
from {{ source("raw", "zendesk__tickets") }}
