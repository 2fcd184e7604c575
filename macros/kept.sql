{# The rows of a canonical table that hygiene kept, each with the identifier it is about. #}
{% macro kept(table, columns, judge="hygiene_records") -%}
    select
        verdicts.identifier_key,
        {%- for column in columns %}
        {{ table }}.{{ column }}{{ "," if not loop.last }}
        {%- endfor %}
    from (
        {{ canonical(table, ["row_id"] + columns | reject("equalto", "row_id") | list) }}
    ) as {{ table }}
    inner join {{ ref(judge) }} as verdicts
        on
            {{ table }}.row_id = verdicts.row_id
            and verdicts.verdict = 'kept'
{%- endmacro %}
