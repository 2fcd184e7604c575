{# The clustered rates of `kpi_content_weekly`, each with what is counted and of what. #}
{% macro content_rates() -%}
    {{ return({
        "served_share": ["served_count", "all_served_count"],
        "acted_rate": ["acted_count", "served_count"],
        "dismissed_rate": ["dismissed_count", "served_count"],
        "ignored_rate": ["ignored_count", "served_count"],
    }) }}
{%- endmacro %}
