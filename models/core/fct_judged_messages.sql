with messages as (
    {{ judged("messages", [
        "source_name", "row_id", "message_event_id", "event_at", "kind", "channel",
        "campaign_id", "journey_id", "coordination_id", "decision_id", "offer_id", "content_id",
        "send_id",
    ]) }}
),

channels as (
    select
        raw_value,
        standard_value
    from {{ ref("hygiene_standard_values") }}
    where field = 'channel'
),

final as (
    select
        messages.source_name,
        messages.row_id,
        messages.verdict,
        messages.identifier_key,
        messages.message_event_id,
        messages.event_at,
        messages.kind,
        coalesce(channels.standard_value, messages.channel) as channel,
        messages.campaign_id,
        messages.journey_id,
        messages.coordination_id,
        messages.decision_id,
        messages.offer_id,
        messages.content_id,
        messages.send_id
    from messages
    left join channels
        on lower(trim(messages.channel)) = channels.raw_value
)

select * from final
