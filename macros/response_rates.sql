{# The rates of `kpi_user_control_weekly`, each with what is counted and of what. #}
{% macro response_rates() -%}
    {{ return({
        "accepted_rate": ["accepted_count", "served_count"],
        "overridden_rate": ["overridden_count", "served_count"],
        "auto_applied_rate": ["auto_applied_count", "served_count"],
    }) }}
{%- endmacro %}
