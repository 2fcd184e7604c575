{# The rates of `kpi_insight_outcomes_weekly`, each with what is counted and of what. #}
{% macro insight_rates() -%}
    {{ return({
        "opened_rate": ["opened_count", "served_count"],
        "acted_rate": ["acted_count", "served_count"],
        "dismissed_rate": ["dismissed_count", "served_count"],
        "ignored_rate": ["ignored_count", "served_count"],
        "acted_of_opened_rate": ["opened_acted_count", "opened_count"],
        "dismissed_of_opened_rate": ["opened_dismissed_count", "opened_count"],
        "ignored_of_opened_rate": ["opened_ignored_count", "opened_count"],
        "solved_rate": ["solved_count", "task_count"],
        "resumed_task_rate": ["resumed_count", "abandonment_count"],
    }) }}
{%- endmacro %}

{# One text for a row of it. #}
{% macro insight_cell_key() -%}
    feature_id || ' ' || {{ feedback_cell_key() }}
{%- endmacro %}
