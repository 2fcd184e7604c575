{# How many customers a metric has, and their sums and sums of products: those from which the others do not follow. #}
{% macro deed_sums(metric) -%}
    {%- set name = metric["name"] -%}
    count(y_{{ name }}) as n_{{ name }}
    {%- for sum in kept_sums(metric) %},
        sum(
            {%- for letter in sum -%}
            {{ " * " if not loop.first }}customers.{{ letter }}_{{ name }}
            {%- endfor -%}
        ) as {{ sum }}_{{ name }}
    {%- endfor %}
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

{# All of them as columns, those that follow included. #}
{% macro metric_sums(metric) -%}
    {%- set kept = kept_sums(metric) -%}
    {%- set followed = {
        "x": "n", "d": "n", "xx": "n", "dd": "n", "xd": "n", "yy": "y", "xy": "y", "yd": "y",
        "cc": "c", "cd": "c", "xc": "c",
    } -%}
    cast(n_{{ metric["name"] }} as bigint) as customer_count
    {%- for sum in ["y", "yy", "x", "xx", "xy", "c", "cc", "d", "dd", "cd", "yc", "yd", "xc", "xd"] %},
        cast({{ sum if sum in kept else followed[sum] }}_{{ metric["name"] }} as decimal(38, 4))
            as sum_{{ sum }}
    {%- endfor %}
{%- endmacro %}
