{#- Each time a customer turned a feature, or everything, off, and the insight they had seen last before it. -#}
with changes as (
    select
        identifiers.customer_id,
        preferences.scope,
        preferences.feature_id,
        preferences.event_at as opted_out_at,
        -- Of two changes at one moment the refusal counts.
        bool_and(preferences.new_state = 'on') as is_enabled
    from {{ ref("fct_preferences") }} as preferences
    inner join {{ ref("dim_identifiers") }} as identifiers
        on preferences.identifier_key = identifiers.identifier_key
    where preferences.scope in ('feature', 'global')
    group by
        identifiers.customer_id,
        preferences.scope,
        preferences.feature_id,
        preferences.event_at
),

-- Off again while it is off is no opt-out.
opt_outs as (
    select
        customer_id,
        scope,
        coalesce(feature_id, 'all') as feature_id,
        opted_out_at
    from changes
    qualify
        not is_enabled
        and coalesce(
            lag(is_enabled) over (
                partition by customer_id, scope, feature_id
                order by opted_out_at asc
            ),
            true
        )
),

insights as (
    select
        identifiers.customer_id,
        insights.insight_id,
        insights.insight_category,
        insights.content_id,
        insights.served_at,
        insights.served_date
    from {{ ref("fct_insights") }} as insights
    inner join {{ ref("dim_identifiers") }} as identifiers
        on insights.identifier_key = identifiers.identifier_key
),

final as (
    select
        opt_outs.customer_id,
        opt_outs.scope,
        opt_outs.feature_id,
        opt_outs.opted_out_at,
        {{ local_date("opt_outs.opted_out_at") }} as opted_out_date,
        insights.insight_id as last_insight_id,
        insights.insight_category as last_insight_category,
        insights.content_id as last_content_id,
        insights.served_date as last_insight_date
    from opt_outs
    left join insights
        on
            opt_outs.customer_id = insights.customer_id
            and opt_outs.opted_out_at >= insights.served_at
            and opt_outs.opted_out_at
            < insights.served_at + interval '{{ var("opt_out_attribution_hours") }}' hour
    qualify
        row_number() over (
            partition by
                opt_outs.customer_id, opt_outs.scope, opt_outs.feature_id, opt_outs.opted_out_at
            order by insights.served_at desc, insights.insight_id asc
        ) = 1
)

select * from final
