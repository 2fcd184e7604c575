{# The rows of a canonical table that hygiene kept, each with the identifier it is about. #}
{% macro kept(table, columns, judge="hygiene_records") -%}
    {%- set identifiers = canonical_tables()[table]["identifiers"] -%}
    select
        {{ row_identifier_key(identifiers) }} as identifier_key,
        {%- for column in columns %}
        {{ table }}.{{ column }}{{ "," if not loop.last }}
        {%- endfor %}
    from (
        {{ canonical(table, ["row_id"] + (columns + identifiers) | unique | reject("equalto", "row_id") | list) }}
    ) as {{ table }}
    inner join (
        select row_id as kept_row_id
        from {{ ref(judge) }}
        where verdict = 'kept'
    ) as verdicts
        on {{ table }}.row_id = verdicts.kept_row_id
{%- endmacro %}
