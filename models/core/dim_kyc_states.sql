{#-
    What was known of a customer's verification, and when: each webhook tells a part, the rest is as it was before.
-#}
{%- set told = ["answer", "level", "jurisdiction", "sanctions", "aml_state", "product_scope"] -%}
with events as (
    {{ kept("kyc_events", [
        "row_id", "received_at", "valid_from", "applicant_status", "answer", "level",
        "jurisdiction", "sanctions", "aml_state", "product_scope",
    ]) }}
),

-- The number of those told so far names the last one told.
customer_events as (
    select
        identifiers.customer_id,
        events.*,
        {%- for column in told %}
        count(events.{{ column }}) over history as {{ column }}_number,
        {%- endfor %}
        row_number() over (
            partition by identifiers.customer_id, events.valid_from
            order by events.received_at desc, events.row_id desc
        ) as place_from_last
    from events
    inner join {{ ref("dim_identifiers") }} as identifiers
        on events.identifier_key = identifiers.identifier_key
    where events.valid_from is not null
    window history as (
        partition by identifiers.customer_id
        order by events.valid_from asc, events.received_at asc, events.row_id asc
        rows between unbounded preceding and current row
    )
),

complete_states as (
    select
        customer_id,
        valid_from,
        applicant_status,
        {%- for column in told %}
        max({{ column }}) over (partition by customer_id, {{ column }}_number) as {{ column }},
        {%- endfor %}
        place_from_last
    from customer_events
),

-- Of webhooks of one moment the one received last is the state.
states as (
    select
        *,
        coalesce(
            upper(answer) = 'GREEN' and applicant_status not in ('onHold', 'deleted'), false
        ) as is_approved
    from complete_states
    where place_from_last = 1
),

final as (
    select
        customer_id,
        valid_from,
        {{ next_state_at(["customer_id"]) }} as valid_to,
        applicant_status,
        {{ told | join(",\n        ") }},
        is_approved
    from states
)

select * from final
