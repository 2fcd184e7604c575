{#- From when to when a feature was on or off for a customer. Before the first row it is on. -#}
with features as (
    select distinct feature_id
    from {{ ref("fct_feature_events") }}
),

customer_preferences as (
    select
        identifiers.customer_id,
        preferences.row_id,
        preferences.event_at,
        preferences.scope,
        preferences.feature_id,
        preferences.new_state
    from {{ ref("fct_preferences") }} as preferences
    inner join {{ ref("dim_identifiers") }} as identifiers
        on preferences.identifier_key = identifiers.identifier_key
    where preferences.scope in ('feature', 'global')
),

-- A global switch is a switch of every feature.
changes as (
    select
        customer_preferences.customer_id,
        features.feature_id,
        customer_preferences.event_at,
        customer_preferences.row_id,
        customer_preferences.new_state = 'on' as is_enabled
    from customer_preferences
    inner join features
        on
            customer_preferences.scope = 'global'
            or customer_preferences.feature_id = features.feature_id
),

-- Of two changes at one moment the refusal counts.
last_changes as (
    select
        customer_id,
        feature_id,
        event_at,
        bool_and(is_enabled) as is_enabled
    from changes
    group by customer_id, feature_id, event_at
),

final as (
    select
        customer_id,
        feature_id,
        event_at as valid_from,
        lead(event_at) over (
            partition by customer_id, feature_id
            order by event_at asc
        ) as valid_to,
        is_enabled
    from last_changes
)

select * from final
