{#-
    What a row says together is evidence, but for wallets, of which tables of their own say
    more, and recycled numbers.
-#}
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
        {{ "wallet is not null" if "wallet" in contract["identifiers"] else "false" }}
            as is_wallet_mention,
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
            case when is_evidence then wallet end
        {%- else -%}
            cast(null as string)
        {%- endif %} as {{ type }},
        {%- endfor %}
        false as is_wallet_mention,
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

signed_wallets as (
    select distinct wallet
    from wallets
    where proof = 'signature'
),

-- However it was spelt, a number is one identifier; what others say of a signed wallet is none.
standardised as (
    select
        {%- for type in identifier_types() %}
        {% if type == "phone" -%}
            coalesce(standard_phones.standard_phone, sightings.phone) as phone
        {%- elif type == "wallet" -%}
            case
                when not (sightings.is_wallet_mention and signed_wallets.wallet is not null)
                    then sightings.wallet
            end as wallet
        {%- else -%}
            sightings.{{ type }}
        {%- endif %},
        {%- endfor %}
        sightings.source_name,
        sightings.first_seen_at
    from sightings
    left join standard_phones
        on sightings.phone = standard_phones.phone
    left join signed_wallets
        on sightings.wallet = signed_wallets.wallet
),

-- A number that has passed to somebody else says nothing of who had it.
final as (
    select
        {%- for type in identifier_types() %}
        {% if type == "phone" -%}
            case
                when former_customers.phone is null and former_contacts.phone is null
                    then standardised.phone
            end as phone
        {%- else -%}
            standardised.{{ type }}
        {%- endif %},
        {%- endfor %}
        standardised.source_name,
        min(standardised.first_seen_at) as first_seen_at
    from standardised
    left join {{ ref("identity_recycled_phones") }} as former_customers
        on
            standardised.customer_ref = former_customers.record_id
            and standardised.phone = former_customers.phone
            and former_customers.record_type = 'customer_ref'
    left join {{ ref("identity_recycled_phones") }} as former_contacts
        on
            standardised.contact_id = former_contacts.record_id
            and standardised.phone = former_contacts.phone
            and former_contacts.record_type = 'contact_id'
    group by all
)

select * from final
