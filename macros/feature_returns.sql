{#
    For each first-time user of a feature, whether they came back to it on their own in days 7 to 13.

    customers: as feature_customers gives them.
    feature_events: (by, customer_id, feature_id, activity_date, is_use, session_origin).
    states: as feature_states gives them.
    by: further key columns.
#}
{% macro feature_returns(customers, feature_events, states, by=[]) -%}
    with first_uses as (
        select
            {{ keys(by, "customers") }}
            customers.customer_id,
            customers.feature_id,
            {{ local_date("customers.first_used_at") }} as first_used_date
        from {{ customers }} as customers
        where customers.first_used_at is not null
    ),

    -- Only a session somebody opened on their own is a voluntary return; an unknown origin is not one.
    voluntary_days as (
        select distinct
            {{ keys(by, "events") }}
            events.customer_id,
            events.feature_id,
            events.activity_date
        from {{ feature_events }} as events
        where
            events.is_use
            and events.session_origin = 'direct'
    ),

    returns as (
        select distinct
            {{ keys(by, "first_uses") }}
            first_uses.customer_id,
            first_uses.feature_id
        from first_uses
        inner join voluntary_days
            on
                {{ same_keys(by, "first_uses", "voluntary_days") }}
                first_uses.customer_id = voluntary_days.customer_id
                and first_uses.feature_id = voluntary_days.feature_id
                and voluntary_days.activity_date >= {{ add_days("first_uses.first_used_date", 7) }}
                and voluntary_days.activity_date < {{ add_days("first_uses.first_used_date", 14) }}
    ),

    -- Turned off when the window closes: whatever they did in it, they did not stay.
    opted_out as (
        select distinct
            {{ keys(by, "first_uses") }}
            first_uses.customer_id,
            first_uses.feature_id
        from first_uses
        inner join {{ states }} as states
            on
                {{ same_keys(by, "first_uses", "states") }}
                first_uses.customer_id = states.customer_id
                and first_uses.feature_id = states.feature_id
                and not states.is_enabled
                and {{ local_date("states.valid_from") }}
                < {{ add_days("first_uses.first_used_date", 14) }}
                and (
                    states.valid_to is null
                    or {{ local_date("states.valid_to") }}
                    >= {{ add_days("first_uses.first_used_date", 14) }}
                )
    )

    select
        first_uses.*,
        {{ week_start("first_uses.first_used_date") }} as cohort_week_start_date,
        returns.customer_id is not null
        and opted_out.customer_id is null as has_returned
    from first_uses
    left join returns
        on
            {{ same_keys(by, "first_uses", "returns") }}
            first_uses.customer_id = returns.customer_id
            and first_uses.feature_id = returns.feature_id
    left join opted_out
        on
            {{ same_keys(by, "first_uses", "opted_out") }}
            first_uses.customer_id = opted_out.customer_id
            and first_uses.feature_id = opted_out.feature_id
{%- endmacro %}
