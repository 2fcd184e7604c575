{#-
    Each time a customer turned a feature, a channel or everything off, for how long, and the insight they had seen last
    before it.
-#}
with changes as (
    select
        identifiers.customer_id,
        preferences.scope,
        case
            when preferences.scope = 'global' then 'all'
            else coalesce(preferences.feature_id, 'none')
        end as feature_id,
        coalesce(preferences.channel, 'none') as channel,
        preferences.event_at,
        -- Of two changes at one moment the refusal counts.
        bool_and(preferences.new_state = 'on') as is_enabled
    from {{ ref("fct_preferences") }} as preferences
    inner join {{ ref("dim_identifiers") }} as identifiers
        on preferences.identifier_key = identifiers.identifier_key
    where preferences.scope in ('feature', 'global', 'channel')
    group by all
),

-- Off again while it is off is no opt-out, nor on again while it is on an end of one.
turns as (
    select *
    from changes
    qualify
        is_enabled <> coalesce(
            lag(is_enabled) over (
                partition by customer_id, scope, feature_id, channel
                order by event_at asc
            ),
            true
        )
),

spells as (
    select
        customer_id,
        scope,
        feature_id,
        channel,
        is_enabled,
        event_at as opted_out_at,
        lead(event_at) over (
            partition by customer_id, scope, feature_id, channel
            order by event_at asc
        ) as opted_in_again_at
    from turns
),

insights as (
    select
        identifiers.customer_id,
        insights.insight_id,
        insights.insight_category,
        insights.served_at,
        insights.served_date
    from {{ ref("fct_insights") }} as insights
    inner join {{ ref("dim_identifiers") }} as identifiers
        on insights.identifier_key = identifiers.identifier_key
),

final as (
    select
        spells.customer_id,
        spells.scope,
        spells.feature_id,
        spells.channel,
        spells.opted_out_at,
        {{ local_date("spells.opted_out_at") }} as opted_out_date,
        spells.opted_in_again_at,
        insights.insight_id as last_insight_id,
        insights.insight_category as last_insight_category,
        insights.served_date as last_insight_date
    from spells
    left join insights
        on
            spells.customer_id = insights.customer_id
            and spells.opted_out_at >= insights.served_at
            and spells.opted_out_at
            < insights.served_at + interval '{{ var("opt_out_attribution_hours") }}' hour
    where not spells.is_enabled
    qualify
        row_number() over (
            partition by
                spells.customer_id,
                spells.scope,
                spells.feature_id,
                spells.channel,
                spells.opted_out_at
            order by insights.served_at desc, insights.insight_id asc
        ) = 1
)

select * from final
