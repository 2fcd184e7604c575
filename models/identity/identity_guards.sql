{#- A birth date with day and month in order of size, so that swapping them is no other date. -#}
{%- set birth_date -%}
    cast(year(date_of_birth) as string)
    || '-' || cast(least(month(date_of_birth), day(date_of_birth)) as string)
    || '-' || cast(greatest(month(date_of_birth), day(date_of_birth)) as string)
{%- endset -%}
with customers as (
    {{ canonical("customers", ["customer_ref", "date_of_birth", "event_at", "row_id"]) }}
),

accounts as (
    {{ canonical("accounts", ["customer_ref", "kyc_applicant_id", "event_at", "row_id"]) }}
),

contacts as (
    {{ canonical("contacts", [
        "contact_id", "customer_ref", "date_of_birth", "event_at", "row_id",
    ]) }}
),

decided_ends as (
    select
        left_identifier_key as identifier_key,
        left_identifier_key,
        right_identifier_key,
        decided_at
    from {{ ref("identity_decisions") }}
    where decision = 'different'
    union all
    select
        right_identifier_key as identifier_key,
        left_identifier_key,
        right_identifier_key,
        decided_at
    from {{ ref("identity_decisions") }}
    where decision = 'different'
),

guards as (
    select
        {{ identifier_key("customer_ref", "customer_ref") }} as identifier_key,
        'date_of_birth' as guard_type,
        {{ birth_date }} as guard_value,
        true as is_verified,
        event_at,
        row_id
    from customers
    where
        date_of_birth is not null
        and customer_ref is not null
    union all
    select
        {{ identifier_key("contact_id", "contact_id") }} as identifier_key,
        'date_of_birth' as guard_type,
        {{ birth_date }} as guard_value,
        -- Typed into a form: one person's own records differ by slips.
        false as is_verified,
        event_at,
        row_id
    from contacts
    where
        date_of_birth is not null
        and contact_id is not null
        -- Whoever names their customer has that customer's date.
        and customer_ref is null
    union all
    select
        {{ identifier_key("customer_ref", "customer_ref") }} as identifier_key,
        'kyc_applicant' as guard_type,
        kyc_applicant_id as guard_value,
        true as is_verified,
        event_at,
        row_id
    from accounts
    where
        kyc_applicant_id is not null
        and customer_ref is not null
    union all
    -- The two ends of what a reviewer told apart are two values of a guard of their own.
    select
        decided_ends.identifier_key,
        'review:' || decided_ends.left_identifier_key || ':' || decided_ends.right_identifier_key
            as guard_type,
        decided_ends.identifier_key as guard_value,
        true as is_verified,
        decided_ends.decided_at as event_at,
        cast(0 as bigint) as row_id
    from decided_ends
    -- A key that no source has told of yet can't be joined to anything either.
    inner join {{ ref("identity_identifiers") }} as identifiers
        on decided_ends.identifier_key = identifiers.identifier_key
),

-- A corrected date of birth replaces the wrong one.
final as (
    select
        identifier_key,
        guard_type,
        guard_value,
        is_verified
    from guards
    -- An id of nothing but blanks is nobody's.
    where identifier_key is not null
    qualify
        row_number() over (
            partition by identifier_key, guard_type
            order by event_at desc, guard_value asc, row_id asc
        ) = 1
)

select * from final
