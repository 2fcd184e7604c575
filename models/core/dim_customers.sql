with versions as (
    select *
    from {{ ref("fct_customer_versions") }}
),

-- Two records of one person may both be current: the one changed last speaks for the customer.
current_versions as (
    select
        resolved.customer_id,
        versions.signed_up_at,
        versions.closed_at,
        versions.timezone,
        versions.country,
        versions.lifecycle_stage,
        versions.risk_segment,
        versions.risk_rating
    from versions
    inner join {{ source("resolver", "identifier_customers") }} as resolved
        on versions.identifier_key = resolved.identifier_key
    qualify
        row_number() over (
            partition by resolved.customer_id
            order by
                versions.event_at desc, versions.identifier_key asc, versions.row_id desc
        ) = 1
),

resolved_customers as (
    select
        resolved.customer_id,
        count(*) as identifier_count,
        min(identifiers.first_seen_at) as first_seen_at,
        -- What only a customer who can log in has.
        bool_or(identifiers.identifier_type in ('customer_ref', 'account_id', 'user_id'))
            as is_named
    from {{ source("resolver", "identifier_customers") }} as resolved
    inner join {{ ref("identity_identifiers") }} as identifiers
        on resolved.identifier_key = identifiers.identifier_key
    group by resolved.customer_id
),

final as (
    select
        resolved_customers.customer_id,
        resolved_customers.identifier_count,
        resolved_customers.first_seen_at,
        current_versions.signed_up_at,
        current_versions.closed_at,
        current_versions.timezone,
        current_versions.country,
        current_versions.lifecycle_stage,
        current_versions.risk_segment,
        current_versions.risk_rating,
        resolved_customers.is_named,
        coalesce(flags.is_test, false) as is_test,
        coalesce(flags.is_erased, false) as is_erased
    from resolved_customers
    left join current_versions
        on resolved_customers.customer_id = current_versions.customer_id
    left join {{ ref("hygiene_customer_flags") }} as flags
        on resolved_customers.customer_id = flags.customer_id
)

select * from final
