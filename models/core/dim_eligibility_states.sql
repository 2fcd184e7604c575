{#- What the bank said of a customer's right to a product, and when. -#}
with versions as (
    {{ kept("eligibility", [
        "row_id", "event_at", "received_at", "product_line", "valid_from", "valid_to", "reason",
    ]) }}
),

-- What is said of one beginning may be said anew: the last word counts, whichever the record.
statements as (
    select
        identifiers.customer_id,
        versions.product_line,
        versions.valid_from,
        versions.valid_to,
        versions.reason
    from versions
    inner join {{ ref("dim_identifiers") }} as identifiers
        on versions.identifier_key = identifiers.identifier_key
    qualify
        row_number() over (
            partition by identifiers.customer_id, versions.product_line, versions.valid_from
            order by
                versions.event_at desc,
                versions.received_at desc,
                versions.identifier_key asc,
                versions.row_id desc
        ) = 1
),

-- A later statement ends an earlier one that did not end of itself.
bounded_statements as (
    select
        *,
        {{ next_state_at(["customer_id", "product_line"]) }} as next_from
    from statements
),

final as (
    select
        customer_id,
        product_line,
        valid_from,
        least(coalesce(valid_to, next_from), coalesce(next_from, valid_to)) as valid_to,
        reason
    from bounded_statements
    where valid_to is null or valid_from < valid_to
)

select * from final
