with sightings as (
    {%- for table, contract in canonical_tables().items() if contract["identifiers"] %}
    {%- for model in contract["keys"] %}
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
    select
        {%- for type in identifier_types() %}
        cast(null as string) as {{ type }},
        {%- endfor %}
        cast(null as string) as source_name,
        cast(null as timestamp) as first_seen_at
    where false
),

final as (
    select
        {%- for type in identifier_types() %}
        {{ type }},
        {%- endfor %}
        source_name,
        min(first_seen_at) as first_seen_at
    from sightings
    group by all
)

select * from final
