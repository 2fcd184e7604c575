{#
    The rows of a canonical table with their verdicts, all but those of people who asked to be forgotten.

    standardised: columns that are shown in their standard form, each with the field whose form it is.
#}
{% macro judged(table, columns, judge="hygiene_records", standardised={}) -%}
    {%- set identifiers = canonical_tables()[table]["identifiers"] -%}
    select
        verdicts.verdict,
        {{ row_identifier_key(identifiers) }} as identifier_key,
        {{ columns_in_standard_form(table, columns, standardised) }}
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
    {{ join_standard_forms(table, standardised) }}
{%- endmacro %}

{# Those of them that hygiene kept. #}
{% macro kept(table, columns, standardised={}) -%}
    select
        identifier_key,
        {{ columns | join(",\n        ") }}
    from (
        {{ judged(table, columns, standardised=standardised) }}
    ) as {{ table }}
    where verdict = 'kept'
{%- endmacro %}
