{#- One row per customer, feature and week: what was shown, used and suffered. -#}
with events as (
    select
        identifiers.customer_id,
        events.feature_id,
        {{ week_start("events.activity_date") }} as week_start_date,
        events.event_at,
        events.is_use,
        events.is_interaction,
        events.is_frustrated
    from {{ ref("fct_feature_events") }} as events
    inner join {{ ref("dim_identifiers") }} as identifiers
        on events.identifier_key = identifiers.identifier_key
),

final as (
    select
        events.customer_id,
        events.feature_id,
        events.week_start_date,
        bool_or(coalesce(states.is_enabled, true)) as is_exposed_enabled,
        bool_or(events.is_use) as has_used,
        count(case when events.is_interaction then 1 end) as interaction_count,
        count(case when events.is_interaction and events.is_frustrated then 1 end)
            as frustrated_count
    from events
    left join {{ ref("fct_feature_states") }} as states
        on
            events.customer_id = states.customer_id
            and events.feature_id = states.feature_id
            and events.event_at >= states.valid_from
            and (events.event_at < states.valid_to or states.valid_to is null)
    group by events.customer_id, events.feature_id, events.week_start_date
)

select * from final
