{#- A wallet is evidence only where it is proven; a table of wallets says so by itself. -#}
{%- set wallet_tables = ["account_wallets", "wallet_sign_ins"] -%}
with wallets as (
    select *
    from {{ ref("identity_wallets") }}
),

sightings as (
    {%- for table, contract in canonical_tables().items()
        if contract["identifiers"] and table not in wallet_tables %}
    {%- for model in contract["models"] %}
    select
        {%- for type in identifier_types() %}
        {% if type in contract["identifiers"] -%}
            {{ normalised_identifier(type, type) }}
        {%- else -%}
            cast(null as string)
        {%- endif %} as {{ type }},
        {%- endfor %}
        source_name,
        min(received_at) as first_seen_at
    from {{ ref(model) }}
    group by all
    union all
    {%- endfor %}
    {%- endfor %}
    {%- for columns in [["customer_ref", "account_id"], ["wallet"]] %}
    select
        {%- for type in identifier_types() %}
        {% if type in columns -%}
            {{ type }}
        {%- elif type == "wallet" -%}
            case when is_proven then wallet end
        {%- else -%}
            cast(null as string)
        {%- endif %} as {{ type }},
        {%- endfor %}
        source_name,
        first_seen_at
    from wallets
    {{ "union all" if not loop.last }}
    {%- endfor %}
),

standard_phones as (
    select
        phone,
        standard_phone
    from {{ source("standardiser", "phone_numbers") }}
),

-- However it was spelt, a number is one identifier.
final as (
    select
        {%- for type in identifier_types() %}
        {% if type == "phone" -%}
            coalesce(standard_phones.standard_phone, sightings.phone) as phone
        {%- else -%}
            sightings.{{ type }}
        {%- endif %},
        {%- endfor %}
        sightings.source_name,
        min(sightings.first_seen_at) as first_seen_at
    from sightings
    left join standard_phones
        on sightings.phone = standard_phones.phone
    group by all
)

select * from final
