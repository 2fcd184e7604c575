{# A figure that is NULL below the smallest sample; its counts stay. #}
{% macro if_enough(figure, counts) -%}
    case
        when {% for count in counts %}{{ count }} >= {{ var("min_sample") }}{{ " and " if not loop.last }}{% endfor %}
            then {{ figure }}
    end
{%- endmacro %}
