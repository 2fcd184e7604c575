{# Whether somebody used a feature: saw what it had to say, or did it. #}
{% macro is_use() -%}
    insight_role in ('opened', 'tapped', 'acted')
{%- endmacro %}

{# Whether somebody touched it at all, if only to close it. #}
{% macro is_interaction() -%}
    insight_role in ('opened', 'dismissed', 'tapped', 'acted')
{%- endmacro %}
