{#
    From when to when a feature was on or off for a customer. Before the first row it is on.

    preferences: (by, customer_id, event_at, scope, feature_id, new_state), of scope feature or global.
    features: (feature_id), those there are.
    by: further key columns.
#}
{% macro feature_states(preferences, features, by=[]) -%}
    with changes as (
        -- A global switch is a switch of every feature.
        select
            {{ keys(by, "preferences") }}
            preferences.customer_id,
            features.feature_id,
            preferences.event_at,
            -- Of two changes at one moment the refusal counts.
            bool_and(preferences.new_state = 'on') as is_enabled
        from {{ preferences }} as preferences
        inner join {{ features }} as features
            on
                preferences.scope = 'global'
                or preferences.feature_id = features.feature_id
        group by
            {{ keys(by, "preferences") }}
            preferences.customer_id, features.feature_id, preferences.event_at
    )

    select
        {{ keys(by, "changes") }}
        changes.customer_id,
        changes.feature_id,
        changes.event_at as valid_from,
        lead(changes.event_at) over (
            partition by {{ keys(by, "changes") }} changes.customer_id, changes.feature_id
            order by changes.event_at asc
        ) as valid_to,
        changes.is_enabled
    from changes
{%- endmacro %}
