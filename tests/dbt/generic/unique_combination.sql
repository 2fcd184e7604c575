{# A primary key of several columns: every combination once, no part empty. #}
{% test unique_combination(model, columns) %}
    select
        {{ columns | join(", ") }},
        count(*) as row_count
    from {{ model }}
    group by all
    having
        count(*) > 1
        {%- for column in columns %}
        or max(case when {{ column }} is null then 1 else 0 end) = 1
        {%- endfor %}
{% endtest %}
