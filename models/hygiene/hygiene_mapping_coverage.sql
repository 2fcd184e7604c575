{#- Which column holds which field; what is not listed here is not standardised. -#}
{%- set listed = {
    "customers": {
        "country": "country", "timezone": "timezone",
        "lifecycle_stage": "lifecycle_stage", "risk_segment": "risk_segment",
    },
    "decisions": {
        "channel": "channel", "asserted_lifecycle_stage": "lifecycle_stage",
        "asserted_risk_segment": "risk_segment",
    },
    "events": {
        "country": "country", "currency_code": "currency", "timezone": "timezone",
        "event_name": "event_name",
    },
    "goals": {"currency_code": "currency"},
    "kyc_events": {"jurisdiction": "country"},
    "ledger": {"currency_code": "currency", "country": "country"},
    "messages": {"channel": "channel", "timezone": "timezone"},
    "orders": {"currency_code": "currency"},
    "preferences": {"channel": "channel"},
    "spend": {"currency_code": "currency"},
} -%}
{%- set shaped = {
    "account_wallets": ["wallet"],
    "contacts": ["email", "phone"],
    "customers": ["email", "phone"],
    "events": ["email", "phone", "wallet"],
    "messages": ["email", "phone"],
    "tickets": ["email", "phone"],
} -%}
with
{%- for table, columns in listed.items() %}
{{ table }}_values as (
    select
        source_name,
        table_name,
        received_date,
        {{ columns | join(",\n        ") }},
        count(*) as value_count
    from (
        {{ canonical(table, ["received_date"] + columns | list) }}
    ) as {{ table }}
    group by all
),
{% endfor %}
listed_values as (
    {%- for table, columns in listed.items() %}
    {%- set is_last_table = loop.last %}
    {%- for column, field in columns.items() %}
    select
        source_name,
        table_name,
        received_date,
        '{{ field }}' as field,
        {{ column if field == "event_name" else "lower(trim(" ~ column ~ "))" }} as raw_value,
        value_count
    from {{ table }}_values
    where trim({{ column }}) <> ''
    {{ "union all" if not (is_last_table and loop.last) }}
    {%- endfor %}
    {%- endfor %}
),

mappings as (
    select
        field,
        raw_value
    from {{ ref("standard_values") }}
    union all
    select
        'event_name' as field,
        event_name as raw_value
    from {{ ref("event_taxonomy") }}
),

shaped_values as (
    {%- for table, fields in shaped.items() %}
    {%- set is_last_table = loop.last %}
    {%- for field in fields %}
    select
        source_name,
        table_name,
        received_date,
        '{{ field }}' as field,
        {{ normalised_identifier(field, field) }} as value
    from (
        {{ canonical(table, ["received_date", field]) }}
    ) as {{ table }}
    where trim({{ field }}) <> ''
    {{ "union all" if not (is_last_table and loop.last) }}
    {%- endfor %}
    {%- endfor %}
),

counted as (
    select
        listed_values.source_name,
        listed_values.table_name,
        listed_values.received_date,
        listed_values.field,
        listed_values.value_count,
        mappings.raw_value is not null as is_mapped
    from listed_values
    left join mappings
        on
            listed_values.field = mappings.field
            and listed_values.raw_value = mappings.raw_value
    union all
    select
        shaped_values.source_name,
        shaped_values.table_name,
        shaped_values.received_date,
        shaped_values.field,
        1 as value_count,
        case shaped_values.field
            when 'phone' then phones.standard_phone is not null
            when 'email' then shaped_values.value like '_%@_%._%'
            -- CAIP-10: namespace, chain, address.
            when 'wallet'
                then regexp_extract(
                    shaped_values.value,
                    '^[-a-z0-9]{3,8}:[-_a-zA-Z0-9]{1,32}:[-.%a-zA-Z0-9]{1,128}$',
                    0
                ) <> ''
        end as is_mapped
    from shaped_values
    left join {{ source("standardiser", "phone_numbers") }} as phones
        on shaped_values.value = phones.phone
),

final as (
    select
        source_name,
        table_name,
        received_date,
        field,
        cast(sum(value_count) as bigint) as value_count,
        cast(sum(case when is_mapped then value_count else 0 end) as bigint) as mapped_count
    from counted
    group by all
)

select * from final
