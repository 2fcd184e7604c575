{#
    The latest version of each contact, as it is compared with others; of those received before a day, if one is given.
    What stands for nobody is no evidence of anybody.
#}
{% macro contact_records(received_before=none) -%}
with versions as (
    {{ canonical("contacts", [
        "contact_id", "first_name", "last_name", "date_of_birth", "city", "email", "phone",
        "event_at", "received_at", "row_id",
    ]) }}
),

blocked as (
    select
        identifier_type,
        identifier_value
    from {{ ref("identifier_blocklist") }}
),

phones as (
    select
        phone,
        standard_phone
    from {{ source("standardiser", "phone_numbers") }}
),

normalised as (
    select
        {{ identifier_key("contact_id", "contact_id") }} as identifier_key,
        nullif(lower(trim(first_name)), '') as first_name,
        nullif(lower(trim(last_name)), '') as last_name,
        date_of_birth,
        nullif(lower(trim(city)), '') as city,
        {{ normalised_identifier("email", "email") }} as email,
        {{ normalised_identifier("phone", "phone") }} as phone,
        event_at,
        received_at,
        source_name,
        row_id
    from versions
    {%- if received_before %}
    where {{ local_date("received_at") }} < {{ received_before }}
    {%- endif %}
),

latest as (
    select
        *,
        min(received_at) over (partition by identifier_key) as first_seen_at
    from normalised
    where identifier_key is not null
    qualify
        row_number() over (
            partition by identifier_key
            order by
                event_at desc, received_at desc, source_name asc,
                email asc nulls last, phone asc nulls last, first_name asc nulls last,
                last_name asc nulls last, date_of_birth asc nulls last, city asc nulls last,
                row_id asc
        ) = 1
),

final as (
    select
        latest.identifier_key,
        latest.first_name,
        latest.last_name,
        latest.date_of_birth,
        latest.city,
        case when blocked_emails.identifier_value is null then latest.email end as email,
        case
            when blocked_phones.identifier_value is null
                then coalesce(phones.standard_phone, latest.phone)
        end as phone,
        latest.first_seen_at
    from latest
    left join phones
        on latest.phone = phones.phone
    left join blocked as blocked_emails
        on
            blocked_emails.identifier_type = 'email'
            and latest.email = blocked_emails.identifier_value
    left join blocked as blocked_phones
        on
            blocked_phones.identifier_type = 'phone'
            and coalesce(phones.standard_phone, latest.phone) = blocked_phones.identifier_value
)

select * from final
{%- endmacro %}

{#
    The day up to which the model learns. It is the same for all days of a period, so that the model follows from what
    was received and not from when it was trained.
#}
{% macro first_day_not_trained_on() -%}
    {%- set origin = "cast('1970-01-01' as date)" -%}
    {%- set days = days_between(origin, as_of_date()) -%}
    {{ add_days(origin, days ~ " - " ~ days ~ " % " ~ var("matching_training_days")) }}
{%- endmacro %}
