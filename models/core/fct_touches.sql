{#-
    What customers were told, by messages and in the product: one list, so that channels can
    be held side by side.
-#}
with messages as (
    select
        identifiers.customer_id,
        'message:' || cast(sends.row_id as string) as touch_id,
        sends.channel,
        sends.decision_id,
        sends.offer_id,
        sends.content_id,
        sends.sent_at as touched_at,
        sends.activity_date,
        sends.clicked_at,
        sends.is_delivered,
        true as is_message
    from {{ ref("fct_message_sends") }} as sends
    inner join {{ ref("dim_identifiers") }} as identifiers
        on sends.identifier_key = identifiers.identifier_key
),

-- A decision that a message carried out is that message.
decisions as (
    select
        identifiers.customer_id,
        'decision:' || decisions.decision_id as touch_id,
        decisions.channel,
        decisions.decision_id,
        decisions.offer_id,
        decisions.content_id,
        decisions.served_at as touched_at,
        {{ local_date("decisions.served_at") }} as activity_date,
        cast(null as timestamp) as clicked_at,
        true as is_delivered,
        false as is_message,
        decisions.insight_category
    from {{ ref("fct_decisions") }} as decisions
    inner join {{ ref("dim_identifiers") }} as identifiers
        on decisions.identifier_key = identifiers.identifier_key
    where
        decisions.served_at is not null
        and decisions.channel is not null
        and decisions.decision_id not in (
            select messages.decision_id
            from messages
            where messages.decision_id is not null
        )
),

touches as (
    select
        messages.*,
        cast(null as string) as insight_category
    from messages
    union all
    select * from decisions
),

final as (
    select
        touches.customer_id,
        touches.touch_id,
        touches.channel,
        touches.decision_id,
        touches.offer_id,
        touches.content_id,
        content.conflict_group,
        coalesce(content.topic, touches.insight_category) as topic,
        touches.touched_at,
        touches.activity_date,
        touches.clicked_at,
        touches.is_delivered,
        touches.is_message
    from touches
    left join {{ ref("fct_content") }} as content
        on touches.content_id = content.content_id
)

select * from final
