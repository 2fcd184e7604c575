{# The rows of a canonical table with their verdicts, all but those of people who asked to be forgotten. #}
{% macro judged(table, columns, judge="hygiene_records") -%}
    {%- set identifiers = canonical_tables()[table]["identifiers"] -%}
    select
        verdicts.verdict,
        {{ row_identifier_key(identifiers) }} as identifier_key,
        {%- for column in columns %}
        {{ table }}.{{ column }}{{ "," if not loop.last }}
        {%- endfor %}
    from (
        {{ canonical(table, ((columns + ["row_id"] + identifiers) | unique
            | reject("in", ["source_name", "table_name"]) | list)) }}
    ) as {{ table }}
    inner join (
        select
            row_id as judged_row_id,
            verdict
        from {{ ref(judge) }}
        where verdict <> 'erased'
    ) as verdicts
        on {{ table }}.row_id = verdicts.judged_row_id
{%- endmacro %}
