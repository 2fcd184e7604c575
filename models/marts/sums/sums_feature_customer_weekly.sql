{#- One row per customer, feature and week: what was shown, used and suffered. -#}
with feature_events as (
    select
        identifiers.customer_id,
        events.feature_id,
        events.activity_date,
        events.event_at,
        events.is_use,
        events.is_interaction,
        events.is_frustrated
    from {{ ref("fct_feature_events") }} as events
    inner join {{ ref("dim_identifiers") }} as identifiers
        on events.identifier_key = identifiers.identifier_key
),

final as (
    {{ feature_customer_weeks("feature_events", ref("fct_feature_states")) }}
)

select * from final
