{#-
    For each opt-out, when the last message or insight came that it should have stopped, if
    any did.
-#}
with opt_outs as (
    select
        *,
        least(
            coalesce(opted_in_again_at, {{ end_of_time() }}),
            opted_out_at + interval '{{ var("honour_window_days") }}' day
        ) as watched_until
    from {{ ref("fct_opt_outs") }}
),

contacts as (
    select
        identifiers.customer_id,
        sends.channel,
        cast(null as string) as feature_id,
        sends.sent_at as contacted_at
    from {{ ref("fct_message_sends") }} as sends
    inner join {{ ref("dim_identifiers") }} as identifiers
        on sends.identifier_key = identifiers.identifier_key
    union all
    select
        identifiers.customer_id,
        cast(null as string) as channel,
        insights.feature_id,
        insights.served_at as contacted_at
    from {{ ref("fct_insights") }} as insights
    inner join {{ ref("dim_identifiers") }} as identifiers
        on insights.identifier_key = identifiers.identifier_key
),

final as (
    select
        opt_outs.customer_id,
        opt_outs.scope,
        opt_outs.feature_id,
        opt_outs.channel,
        opt_outs.opted_out_at,
        opt_outs.opted_out_date,
        max(contacts.contacted_at) as last_contacted_at
    from opt_outs
    left join contacts
        on
            opt_outs.customer_id = contacts.customer_id
            and opt_outs.opted_out_at < contacts.contacted_at
            and opt_outs.watched_until > contacts.contacted_at
            and (
                opt_outs.channel in (contacts.channel, 'all')
                and contacts.channel is not null
                or opt_outs.feature_id in (contacts.feature_id, 'all')
                and contacts.feature_id is not null
            )
    group by
        opt_outs.customer_id,
        opt_outs.scope,
        opt_outs.feature_id,
        opt_outs.channel,
        opt_outs.opted_out_at,
        opt_outs.opted_out_date
)

select * from final
