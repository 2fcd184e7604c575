{#
    The windows of a payment's past: `<type>_past`, and `<type>_country_past` within the payment's country.

    baselines: the column whose payments are compared, by type.
#}
{% macro past_payments(baselines) -%}
    {%- set past -%}
    order by paid_micros asc
    range between {{ var("anomaly_baseline_days") * 86400000000 }} preceding and 1 preceding
    {%- endset -%}
    {%- for type, key in baselines.items() %}
    {{ type }}_past as (
        partition by {{ key }}, currency_code
        {{ past }}
    ),
    {{ type }}_country_past as (
        partition by {{ key }}, currency_code, country
        {{ past }}
    ){{ "," if not loop.last }}
    {%- endfor %}
{%- endmacro %}
