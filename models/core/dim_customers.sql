with versions as (
    {{ kept("customers", [
        "row_id", "event_at", "signed_up_at", "closed_at", "timezone", "country",
        "lifecycle_stage", "risk_segment", "risk_rating",
    ]) }}
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

standard_values as (
    select
        field,
        raw_value,
        standard_value
    from {{ ref("hygiene_standard_values") }}
),

resolved_customers as (
    select
        resolved.customer_id,
        count(*) as identifier_count,
        min(identifiers.first_seen_at) as first_seen_at
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
        coalesce(timezones.standard_value, current_versions.timezone) as timezone,
        coalesce(countries.standard_value, current_versions.country) as country,
        coalesce(stages.standard_value, current_versions.lifecycle_stage) as lifecycle_stage,
        coalesce(segments.standard_value, current_versions.risk_segment) as risk_segment,
        current_versions.risk_rating,
        coalesce(flags.is_test, false) as is_test,
        coalesce(flags.is_erased, false) as is_erased
    from resolved_customers
    left join current_versions
        on resolved_customers.customer_id = current_versions.customer_id
    left join standard_values as timezones
        on
            timezones.field = 'timezone'
            and lower(trim(current_versions.timezone)) = timezones.raw_value
    left join standard_values as countries
        on
            countries.field = 'country'
            and lower(trim(current_versions.country)) = countries.raw_value
    left join standard_values as stages
        on
            stages.field = 'lifecycle_stage'
            and lower(trim(current_versions.lifecycle_stage)) = stages.raw_value
    left join standard_values as segments
        on
            segments.field = 'risk_segment'
            and lower(trim(current_versions.risk_segment)) = segments.raw_value
    left join {{ ref("hygiene_customer_flags") }} as flags
        on resolved_customers.customer_id = flags.customer_id
)

select * from final
