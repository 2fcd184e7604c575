{#
    Columns of a relation, those of `standardised` (column: field) in the field's standard form, or as they came where
    they have none. The relation is joined by `join_standard_forms`.
#}
{% macro columns_in_standard_form(relation, columns, standardised) -%}
    {%- for column in columns %}
        {%- if column in standardised %}
        coalesce({{ column }}_forms.standard_value, {{ relation }}.{{ column }}) as {{ column }}
        {%- else %}
        {{ relation }}.{{ column }}
        {%- endif %}
        {{- "," if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{% macro join_standard_forms(relation, standardised) -%}
    {%- for column, field in standardised.items() %}
    left join {{ ref("hygiene_standard_values") }} as {{ column }}_forms
        on
            lower(trim({{ relation }}.{{ column }})) = {{ column }}_forms.raw_value
            and {{ column }}_forms.field = '{{ field }}'
    {%- endfor %}
{%- endmacro %}
