{# Further key columns of a macro's relations, each followed by a comma: nothing, where there are none. #}
{% macro keys(columns, relation) -%}
    {%- for column in columns %}{{ relation }}.{{ column }}, {% endfor -%}
{%- endmacro %}

{# The same columns as a condition of a join, each followed by `and`. #}
{% macro same_keys(columns, left, right) -%}
    {%- for column in columns %}{{ left }}.{{ column }} = {{ right }}.{{ column }} and {% endfor -%}
{%- endmacro %}
