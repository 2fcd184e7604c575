{# The product of a customer's values of a metric, as x and y of xy. #}
{% macro deed_product(metric, letters) -%}
    {%- for letter in letters -%}
    {{ " * " if not loop.first }}customers.{{ letter }}_{{ metric["name"] }}
    {%- endfor -%}
{%- endmacro %}

{# Of a yes or no the squares are the sums; where x is one a customer, its products are too. #}
{% macro kept_sums(metric) -%}
    {%- if metric["x"] -%}
    {{ return(["y", "x", "c", "d", "yy", "xx", "xy", "cc", "dd", "cd", "yc", "yd", "xc", "xd"]) }}
    {%- elif metric["how"] == "any" -%}
    {{ return(["y", "c", "yc"]) }}
    {%- else -%}
    {{ return(["y", "c", "yy", "cc", "yc"]) }}
    {%- endif -%}
{%- endmacro %}

{# A sum of a metric, one that follows from others included. #}
{% macro metric_sum(metric, letters) -%}
    {%- set followed = {
        "x": "n", "d": "n", "xx": "n", "dd": "n", "xd": "n", "yy": "y", "xy": "y", "yd": "y",
        "cc": "c", "cd": "c", "xc": "c",
    } -%}
    cast({{ letters if letters in kept_sums(metric) else followed[letters] }}_{{ metric["name"] }} as decimal(38, 4))
{%- endmacro %}

{# All of them, by the letters that are multiplied. #}
{% macro all_sums() %}
    {{ return(["y", "yy", "x", "xx", "xy", "c", "cc", "yc", "d", "dd", "cd", "xc", "yd", "xd"]) }}
{% endmacro %}
