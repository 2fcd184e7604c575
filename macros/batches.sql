{#
    The batches of some canonical tables that a table kept by batch has still to read: all of them at first, later those
    that it holds no rows of, as they are now and as this code reads them. Outside a run nobody says which code it is,
    and everything is read again.
#}
{% macro batches_to_read(canonical_tables) -%}
    select
        batches.source_name,
        batches.table_name,
        batches.received_date,
        {{ batch_digest("batches") }} as batch_digest
    from {{ ref("stg_lake__batches") }} as batches
    inner join {{ ref("stg_lake__contracts") }} as contracts
        on
            batches.source_name = contracts.source_name
            and batches.table_name = contracts.table_name
            and contracts.canonical_table in ('{{ canonical_tables | join("', '") }}')
    where
        batches.row_count > 0
        {%- if var("code_digest", none) and is_incremental() %}
        and {{ batch_digest("batches") }} not in (select batch_digest from {{ this }})
        {%- endif %}
{%- endmacro %}

{% macro batch_digest(batches) -%}
    {{ digest(
        batches ~ ".source_name || ' ' || " ~ batches ~ ".table_name || ' ' || cast(" ~ batches
        ~ ".received_date as string) || ' ' || " ~ batches ~ ".fingerprint || ' "
        ~ (var("code_digest", none) or invocation_id) ~ "'"
    ) }}
{%- endmacro %}
