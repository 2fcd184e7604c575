{#
    Schemas are the stages' names, without a prefix: what `ls models` shows is what a query names. The published file has one.
#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ target.schema if target.name == "published" else (custom_schema_name or target.schema) }}
{%- endmacro %}
