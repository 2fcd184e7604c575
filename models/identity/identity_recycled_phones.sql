{#-
    Numbers that are no longer those of a record that once named them: the record names another now, and the number
    is what somebody else's record says, who came to it later.
-#}
with customers as (
    {{ canonical("customers", ["customer_ref", "phone", "event_at", "received_at", "row_id"]) }}
),

contacts as (
    {{ canonical("contacts", [
        "contact_id", "customer_ref", "phone", "event_at", "received_at", "row_id",
    ]) }}
),

records as (
    select
        'customer_ref' as record_type,
        {{ normalised_identifier("customer_ref", "customer_ref") }} as record_id,
        {{ normalised_identifier("customer_ref", "customer_ref") }} as customer_ref,
        {{ normalised_identifier("phone", "phone") }} as phone,
        event_at,
        received_at,
        row_id
    from customers
    union all
    select
        'contact_id' as record_type,
        {{ normalised_identifier("contact_id", "contact_id") }} as record_id,
        {{ normalised_identifier("customer_ref", "customer_ref") }} as customer_ref,
        {{ normalised_identifier("phone", "phone") }} as phone,
        event_at,
        received_at,
        row_id
    from contacts
),

versions as (
    select
        records.record_type,
        records.record_id,
        records.customer_ref,
        coalesce(standard_phones.standard_phone, records.phone) as phone,
        records.event_at,
        records.received_at,
        records.row_id
    from records
    left join {{ source("standardiser", "phone_numbers") }} as standard_phones
        on records.phone = standard_phones.phone
    where
        records.record_id is not null
        and records.phone is not null
),

latest_versions as (
    select
        record_type,
        record_id,
        customer_ref,
        phone
    from versions
    qualify
        row_number() over (
            partition by record_type, record_id
            order by event_at desc, received_at desc, row_id desc
        ) = 1
),

named as (
    select
        record_type,
        record_id,
        phone,
        min(event_at) as first_named_at
    from versions
    group by record_type, record_id, phone
),

mentions as (
    select
        named.record_type,
        named.record_id,
        latest_versions.customer_ref,
        named.phone,
        named.first_named_at,
        named.phone = latest_versions.phone as is_current
    from named
    inner join latest_versions
        on
            named.record_type = latest_versions.record_type
            and named.record_id = latest_versions.record_id
),

final as (
    select distinct
        former.record_type,
        former.record_id,
        former.phone
    from mentions as former
    inner join mentions as present
        on former.phone = present.phone
    where
        not former.is_current
        and present.is_current
        and former.first_named_at < present.first_named_at
        -- A contact that names its customer is that customer's.
        and (
            former.customer_ref is null
            or present.customer_ref is null
            or former.customer_ref <> present.customer_ref
        )
)

select * from final
