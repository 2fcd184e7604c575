{#
    When a feature was first shown to a customer, first used and first turned off.

    feature_events: (by, customer_id, feature_id, event_at, is_use).
    states: as feature_states gives them.
    by: further key columns.
#}
{% macro feature_customers(feature_events, states, by=[]) -%}
    with first_events as (
        select
            {{ keys(by, "events") }}
            events.customer_id,
            events.feature_id,
            min(events.event_at) as first_exposed_at,
            min(case when events.is_use then events.event_at end) as first_used_at
        from {{ feature_events }} as events
        group by {{ keys(by, "events") }} events.customer_id, events.feature_id
    ),

    opt_outs as (
        select
            {{ keys(by, "states") }}
            states.customer_id,
            states.feature_id,
            min(states.valid_from) as first_opted_out_at
        from {{ states }} as states
        where not states.is_enabled
        group by {{ keys(by, "states") }} states.customer_id, states.feature_id
    )

    select
        first_events.*,
        opt_outs.first_opted_out_at
    from first_events
    left join opt_outs
        on
            {{ same_keys(by, "first_events", "opt_outs") }}
            first_events.customer_id = opt_outs.customer_id
            and first_events.feature_id = opt_outs.feature_id
{%- endmacro %}
