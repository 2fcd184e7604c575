{#
    Rates with their intervals, as the macros of macros/rates.sql write them: all three columns from 0 to 1, and the
    interval holds the rate, but for rounding. Not-a-number lies nowhere. One scan of the model for all its rates.
#}
{% test rates(model, columns) %}
    select
        {%- for rate in columns %}
        {{ rate }},
        {{ rate }}_ci_lower,
        {{ rate }}_ci_upper{{ "," if not loop.last }}
        {%- endfor %}
    from {{ model }}
    where
        {%- for rate in columns %}
        {{ "or " if not loop.first }}not ({{ rate }} between 0 and 1)
        or not ({{ rate }}_ci_lower between 0 and 1)
        or not ({{ rate }}_ci_upper between 0 and 1)
        or not ({{ rate }} between {{ rate }}_ci_lower - 1e-9 and {{ rate }}_ci_upper + 1e-9)
        {%- endfor %}
{% endtest %}
