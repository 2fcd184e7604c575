with mappings as (
    select
        field,
        raw_value
    from {{ ref("standard_values") }}
    union all
    select
        'event_name' as field,
        event_name as raw_value
    from {{ ref("event_taxonomy") }}
    union all
    select
        'phone' as field,
        phone as raw_value
    from {{ source("standardiser", "phone_numbers") }}
    where standard_phone is not null
    union all
    select
        'email' as field,
        'well_formed' as raw_value
    union all
    select
        'wallet' as field,
        'well_formed' as raw_value
),

final as (
    select
        found.source_name,
        found.table_name,
        found.received_date,
        found.field,
        cast(sum(found.value_count) as bigint) as value_count,
        cast(
            sum(case when mappings.raw_value is not null then found.value_count else 0 end)
            as bigint
        ) as mapped_count
    from {{ ref("stg_field_values") }} as found
    left join mappings
        on
            found.field = mappings.field
            and found.raw_value = mappings.raw_value
    where found.field not in ('', 'user_agent')
    group by all
)

select * from final
