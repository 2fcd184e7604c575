{# Schemas are the stages' names, without a prefix: what `ls models` shows is what a query names. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name or target.schema }}
{%- endmacro %}
