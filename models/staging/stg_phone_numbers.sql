with phones as (
    select distinct
        raw_value as phone,
        country
    from {{ ref("stg_field_values") }}
    where
        field = 'phone'
        and raw_value <> ''
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
        phones.phone,
        coalesce(countries.standard_value, '{{ var("default_country") }}') as region
    from phones
    left join countries
        on phones.country = countries.raw_value
)

select * from final
