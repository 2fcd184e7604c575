{#- Which sources have seen an identifier, and since when. -#}
with sightings as (
    select *
    from {{ ref("identity_sightings") }}
),

seen as (
    {%- for type in identifier_types() %}
    select
        {{ identifier_key(type, type) }} as identifier_key,
        source_name,
        first_seen_at
    from sightings
    where {{ type }} is not null
    {{ "union all" if not loop.last }}
    {%- endfor %}
),

final as (
    select
        identifier_key,
        source_name,
        min(first_seen_at) as first_seen_at
    from seen
    group by identifier_key, source_name
)

select * from final
