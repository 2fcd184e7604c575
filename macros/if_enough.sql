{# A figure that is NULL below the smallest sample or before its window has closed; its counts stay. #}
{% macro if_enough(figure, counts, is_ready="true") -%}
    case
        when {{ is_ready }} and {% for count in counts %}{{ count }} >= {{ var("min_sample") }}{{ " and " if not loop.last }}{% endfor %}
            then {{ figure }}
    end
{%- endmacro %}
