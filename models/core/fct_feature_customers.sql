{#- When a feature was first shown to a customer, first used and first turned off. -#}
with feature_events as (
    select
        identifiers.customer_id,
        events.feature_id,
        events.event_at,
        events.is_use
    from {{ ref("fct_feature_events") }} as events
    inner join {{ ref("dim_identifiers") }} as identifiers
        on events.identifier_key = identifiers.identifier_key
),

final as (
    {{ feature_customers("feature_events", ref("fct_feature_states")) }}
)

select * from final
