{#
    Values that are there lie within both bounds, which belong to the range; not-a-number lies nowhere. One scan of
    the model for all columns: a test a column would cost a query each, and small companies wait for nothing else.
#}
{% test between(model, minimum, maximum, columns=none, column_name=none) %}
    {%- set judged = columns if columns is not none else [column_name] %}
    select {{ judged | join(", ") }}
    from {{ model }}
    where
        {%- for column in judged %}
        {{ "or " if not loop.first }}not ({{ column }} between {{ minimum }} and {{ maximum }})
        {%- endfor %}
{% endtest %}
