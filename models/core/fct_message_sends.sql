{#-
    Sent messages, with what became of each. Machine opens and suspected clicks are no longer
    among the messages.
-#}
with message_events as (
    select
        messages.*,
        identifiers.customer_id,
        coalesce(channels.is_on_screen, false) as is_on_screen,
        -- What is shown in the product may be dismissed under another of its names.
        case when channels.is_on_screen then 'on_screen' else messages.channel end as surface,
        coalesce(messages.campaign_id, '') || ' ' || coalesce(messages.send_id, '') as thread
    from {{ ref("fct_messages") }} as messages
    inner join {{ ref("dim_identifiers") }} as identifiers
        on messages.identifier_key = identifiers.identifier_key
    left join {{ ref("hygiene_message_channels") }} as channels
        on messages.channel = channels.channel
),

-- Where the vendor tells of no sending, as of what is shown in the product, the showing is it.
starts as (
    select
        *,
        kind = 'sent'
        or (
            kind = 'opened'
            and is_on_screen
            and not bool_or(kind = 'sent') over (
                partition by source_name, customer_id, surface, thread
            )
        ) as is_start
    from message_events
),

numbered as (
    select
        *,
        sum(case when is_start then 1 else 0 end) over (
            partition by source_name, customer_id, surface, thread
            order by event_at asc, is_start desc, row_id asc
            rows between unbounded preceding and current row
        ) as message_number
    from starts
),

outcomes as (
    select
        *,
        min(case when kind = 'delivered' then event_at end) over message as delivered_at,
        min(case when kind in ('opened', 'read') then event_at end) over message as opened_at,
        min(case when kind = 'clicked' then event_at end) over message as clicked_at,
        min(case when kind = 'dismissed' then event_at end) over message as dismissed_at
    from numbered
    window message as (partition by source_name, customer_id, surface, thread, message_number)
),

sends as (
    select
        *,
        bool_or(delivered_at is not null) over (partition by source_name, channel)
            as reports_delivery
    from outcomes
    where is_start
),

trigger_events as (
    select
        identifiers.customer_id,
        events.insert_id,
        events.event_at,
        events.flow_instance_id
    from {{ ref("fct_events") }} as events
    inner join {{ ref("dim_identifiers") }} as identifiers
        on events.identifier_key = identifiers.identifier_key
    where events.insert_id in (select sends.trigger_event_id from sends)
    qualify
        row_number() over (
            partition by identifiers.customer_id, events.insert_id
            order by events.event_at asc, events.row_id asc
        ) = 1
),

zones as (
    select distinct standard_value as timezone
    from {{ ref("hygiene_standard_values") }}
    where field = 'timezone'
),

final as (
    select
        sends.source_name,
        sends.row_id,
        sends.identifier_key,
        sends.message_event_id,
        sends.channel,
        sends.campaign_id,
        sends.coordination_id,
        sends.decision_id,
        sends.offer_id,
        sends.content_id,
        sends.send_id,
        sends.trigger_event_id,
        trigger_events.flow_instance_id,
        sends.segment_computed_at,
        sends.rendered_amount,
        sends.rendered_step,
        coalesce(message_zones.timezone, home_zones.timezone, '{{ var("timezone") }}') as timezone,
        sends.event_at as sent_at,
        {{ local_date("sends.event_at") }} as activity_date,
        sends.delivered_at,
        sends.opened_at,
        sends.clicked_at,
        sends.dismissed_at,
        trigger_events.event_at as triggered_at,
        sends.delivered_at is not null or not sends.reports_delivery as is_delivered,
        sends.is_on_screen
    from sends
    left join trigger_events
        on
            sends.customer_id = trigger_events.customer_id
            and sends.trigger_event_id = trigger_events.insert_id
    left join zones as message_zones
        on sends.timezone = message_zones.timezone
    left join {{ ref("dim_customers") }} as customers
        on sends.customer_id = customers.customer_id
    left join zones as home_zones
        on customers.timezone = home_zones.timezone
)

select * from final
