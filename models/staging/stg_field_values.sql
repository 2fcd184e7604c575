{#-
    Kept from run to run, as the keys of hygiene are: whoever classifies user agents, standardises
    phone numbers or counts what is mapped would else read all rows of history. A batch always has
    a row without a field, so that one without values is known to have been read.
-#}
{{ config(materialized="incremental", incremental_strategy="batches") }}
{%- set tables = field_columns() -%}
with batches as (
    {{ batches_to_read(tables | list) }}
),
{% for table, columns in tables.items() %}
{{ table }}_values as (
    select
        batches.batch_digest,
        received.source_name,
        received.table_name,
        received.received_date,
        {%- for field, column in columns.items() %}
        {{ field_value(field, "received." ~ column) }} as {{ field }},
        {%- endfor %}
        count(*) as value_count
    from (
        {{ canonical(table, ["received_date"] + columns.values() | list
            + (["platform"] if "user_agent" in columns else [])) }}
    ) as received
    inner join batches
        on
            received.source_name = batches.source_name
            and received.table_name = batches.table_name
            and received.received_date = batches.received_date
    group by all
),
{% endfor %}
counted as (
    {%- for table, columns in tables.items() %}
    {%- for field in columns %}
    select
        batch_digest,
        source_name,
        table_name,
        received_date,
        '{{ field }}' as field,
        {{ field }} as raw_value,
        {{ "coalesce(country, '')" if field == "phone" and "country" in columns else "''" }}
            as country,
        value_count
    from {{ table }}_values
    where {{ field }} is not null
    union all
    {%- endfor %}
    {%- endfor %}
    select
        batch_digest,
        source_name,
        table_name,
        received_date,
        '' as field,
        '' as raw_value,
        '' as country,
        0 as value_count
    from batches
),

final as (
    select
        batch_digest,
        source_name,
        table_name,
        received_date,
        field,
        raw_value,
        country,
        cast(sum(value_count) as bigint) as value_count
    from counted
    group by all
)

select * from final
