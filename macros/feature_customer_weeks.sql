{#
    One row per customer, feature and week: what was shown, used and suffered.

    feature_events: (by, customer_id, feature_id, activity_date, event_at, is_use, is_interaction, is_frustrated).
    states: as feature_states gives them.
    by: further key columns.
#}
{% macro feature_customer_weeks(feature_events, states, by=[]) -%}
    select
        {{ keys(by, "events") }}
        events.customer_id,
        events.feature_id,
        {{ week_start("events.activity_date") }} as week_start_date,
        bool_or(coalesce(states.is_enabled, true)) as is_exposed_enabled,
        bool_or(events.is_use) as has_used,
        count(case when events.is_interaction then 1 end) as interaction_count,
        count(case when events.is_interaction and events.is_frustrated then 1 end)
            as frustrated_count
    from {{ feature_events }} as events
    left join {{ states }} as states
        on
            {{ same_keys(by, "events", "states") }}
            events.customer_id = states.customer_id
            and events.feature_id = states.feature_id
            and events.event_at >= states.valid_from
            and (events.event_at < states.valid_to or states.valid_to is null)
    group by
        {{ keys(by, "events") }}
        events.customer_id,
        events.feature_id,
        {{ week_start("events.activity_date") }}
{%- endmacro %}
