{#- From when to when a feature was on or off for a customer. Before the first row it is on. -#}
with features as (
    select distinct feature_id
    from {{ ref("fct_feature_events") }}
),

customer_preferences as (
    select
        identifiers.customer_id,
        preferences.event_at,
        preferences.scope,
        preferences.feature_id,
        preferences.new_state
    from {{ ref("fct_preferences") }} as preferences
    inner join {{ ref("dim_identifiers") }} as identifiers
        on preferences.identifier_key = identifiers.identifier_key
    where preferences.scope in ('feature', 'global')
),

final as (
    {{ feature_states("customer_preferences", "features") }}
)

select * from final
