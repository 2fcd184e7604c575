{%- set with_country = ["customers", "events"] -%}
with phones as (
    {%- for table, contract in canonical_tables().items() if "phone" in contract["identifiers"] %}
    select
        phone,
        {{ "country" if table in with_country else "cast(null as string)" }} as country
    from (
        {{ canonical(table, ["phone"] + (["country"] if table in with_country else [])) }}
    ) as {{ table }}
    where phone is not null
    {{ "union all" if not loop.last }}
    {%- endfor %}
),

countries as (
    select
        raw_value,
        standard_value
    from {{ ref("standard_values") }}
    where field = 'country'
),

final as (
    select distinct
        {{ normalised_identifier("phone", "phones.phone") }} as phone,
        coalesce(countries.standard_value, '{{ var("default_country") }}') as region
    from phones
    left join countries
        on lower(trim(phones.country)) = countries.raw_value
    where {{ normalised_identifier("phone", "phones.phone") }} is not null
)

select * from final
