{#
    A canonical input table: the union of what every source brings of it, the named columns only, so that a judge
    stays narrow and a fact wide. Every staging model of a canonical table has the same columns.
#}
{% macro canonical(table, columns) -%}
    {%- for model in canonical_tables()[table]["models"] %}
    select
        source_name,
        table_name,
        {{ columns | join(",\n        ") }}
    from {{ ref(model) }}
    {{ "union all" if not loop.last }}
    {%- endfor %}
{%- endmacro %}
