{# A value that is there lies within both bounds, which belong to the range; not-a-number lies nowhere. #}
{% test between(model, column_name, minimum, maximum) %}
    select {{ column_name }}
    from {{ model }}
    where
        {{ column_name }} is not null
        and (
            isnan(cast({{ column_name }} as double))
            or {{ column_name }} < {{ minimum }}
            or {{ column_name }} > {{ maximum }}
        )
{% endtest %}
