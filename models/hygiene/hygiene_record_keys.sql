{#- All that judging knows of a row that is no event; kept as `hygiene_event_keys` is. -#}
{{ config(materialized="incremental", incremental_strategy="batches") }}
{%- set tables = canonical_tables() -%}
with batches as (
    {{ batches_to_read(tables | reject("equalto", "events") | list) }}
),

records as (
    {%- for table, contract in tables.items() if table != "events" %}
    select
        source_name,
        table_name,
        row_id,
        received_date,
        event_at,
        received_at,
        missing_expected_count,
        key_digest,
        content_digest,
        {{ row_identifier_digest(contract["identifiers"]) }} as identifier_digest,
        {{ "coalesce(is_test, false)" if contract["is_test"] else "false" }} as is_test,
        {%- if table == "messages" %}
        coalesce(is_machine_open, false) as is_machine_open,
        suspected_bot_reasons is not null as is_suspected_click
        {%- else %}
        false as is_machine_open,
        false as is_suspected_click
        {%- endif %}
    from (
        {{ canonical(table, [
            "row_id", "received_date", "event_at", "received_at", "missing_expected_count",
            "key_digest", "content_digest",
        ] + contract["identifiers"] + (["is_test"] if contract["is_test"] else []) + (
            ["is_machine_open", "suspected_bot_reasons"] if table == "messages" else []
        )) }}
    ) as {{ table }}
    {{ "union all" if not loop.last }}
    {%- endfor %}
),

final as (
    select
        batches.batch_digest,
        records.*
    from records
    inner join batches
        on
            records.source_name = batches.source_name
            and records.table_name = batches.table_name
            and records.received_date = batches.received_date
)

select * from final
