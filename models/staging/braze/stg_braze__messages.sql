select
    {{ lineage("braze", "messages") }},
    external_user_id as customer_ref,
    cast(null as string) as user_id,
    'braze:' || user_id as profile_id,
    device_id,
    email_address as email,
    to_phone_number as phone,
    cast(null as string) as contact_id,
    id as message_event_id,
    case
        when event_type like '%.Send' then 'sent'
        when event_type like '%.Delivery' then 'delivered'
        when event_type like '%.Bounce' then 'bounced'
        when event_type like '%.Open' or event_type like '%.Impression' then 'opened'
        when event_type like '%.Click' then 'clicked'
        when event_type like '%.Dismiss' then 'dismissed'
        when event_type like '%.Unsubscribe' then 'unsubscribed'
        when event_type like '%.Read' then 'read'
    end as kind,
    case
        when event_type like 'users.messages.email.%' then 'email'
        when event_type like 'users.messages.pushnotification.%' then 'push'
        when event_type like 'users.messages.inappmessage.%' then 'in_app'
        when event_type like 'users.messages.whatsapp.%' then 'whatsapp'
        when event_type like 'users.messages.contentcard.%' then 'content_card'
        when event_type like 'users.messages.banner.%' then 'banner'
    end as channel,
    campaign_id,
    canvas_id as journey_id,
    {{ json_text("message_extras", "coordination_id") }} as coordination_id,
    {{ json_text("message_extras", "decision_id") }} as decision_id,
    {{ json_text("message_extras", "offer_id") }} as offer_id,
    {{ json_text("message_extras", "content_id") }} as content_id,
    send_id,
    {{ json_text("message_extras", "trigger_event_id") }} as trigger_event_id,
    {{ utc_timestamp(json_text("message_extras", "segment_computed_at")) }}
        as segment_computed_at,
    try_cast(
        {{ json_text("message_extras", "rendered_amount") }} as decimal(18, 2)
    ) as rendered_amount,
    {{ json_text("message_extras", "rendered_step") }} as rendered_step,
    user_agent,
    coalesce(machine_open = 'true', false) as is_machine_open,
    -- The reasons are always filled; the flag is only where Braze's own filter is on.
    case
        when suspected_bot_click_reason not in ('[]', 'null')
            then suspected_bot_click_reason
    end as suspected_bot_reasons,
    timezone
from {{ source("raw", "braze__messages") }}
