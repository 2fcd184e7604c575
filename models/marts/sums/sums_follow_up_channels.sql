{#-
    Over which channel whoever lately gave up a flow is best reminded: what they answered
    last, of what they allow.
-#}
with customers as (
    select distinct customer_id
    from {{ ref("sums_flow_abandonments") }}
    where
        abandoned_at <= {{ as_of() }}
        and abandoned_at + {{ var("flow_follow_up_hours") }} * interval '1' hour > {{ as_of() }}
),

answers as (
    select
        identifiers.customer_id,
        sends.channel,
        max(coalesce(sends.clicked_at, sends.opened_at)) as answered_at
    from {{ ref("fct_message_sends") }} as sends
    inner join {{ ref("dim_identifiers") }} as identifiers
        on sends.identifier_key = identifiers.identifier_key
    where identifiers.customer_id in (select customers.customer_id from customers)
    group by identifiers.customer_id, sends.channel
),

refusals as (
    select
        customer_id,
        consent_key
    from {{ ref("dim_consent_states") }}
    where
        consent_scope in ('global', 'channel')
        and not is_granted
        and valid_from <= {{ as_of() }}
        and (valid_to is null or valid_to > {{ as_of() }})
),

final as (
    select
        customers.customer_id,
        channels.channel,
        channels.is_interrupting
    from customers
    cross join {{ ref("message_channels") }} as channels
    left join answers
        on
            customers.customer_id = answers.customer_id
            and channels.channel = answers.channel
    left join refusals
        on
            customers.customer_id = refusals.customer_id
            and refusals.consent_key in ('all', channels.channel)
    where
        channels.follow_up_rank is not null
        and refusals.customer_id is null
    qualify
        row_number() over (
            partition by customers.customer_id
            order by
                answers.answered_at desc nulls last,
                channels.follow_up_rank asc,
                channels.channel asc
        ) = 1
)

select * from final
