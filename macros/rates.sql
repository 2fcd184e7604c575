{# The two-sided 95 % quantile of the standard normal distribution. #}
{% macro normal_quantile() %}{{ return("1.959963984540054") }}{% endmacro %}

{#
    One bound of the Wilson score interval of a proportion (Wilson 1927), for one yes or no per unit.
    `sign` is '-' for the lower bound and '+' for the upper; rounding must not carry either out of 0-1.
#}
{% macro wilson_bound(numerator, denominator, sign) -%}
    {%- set z = normal_quantile() -%}
    {{ "greatest(0.0" if sign == "-" else "least(1.0" }}, (
        (cast({{ numerator }} as double) + {{ z }} * {{ z }} / 2)
        {{ sign }} {{ z }} * sqrt(
            cast({{ numerator }} as double)
            * cast({{ denominator }} - {{ numerator }} as double)
            / cast({{ denominator }} as double)
            + {{ z }} * {{ z }} / 4
        )
    )
    / (cast({{ denominator }} as double) + {{ z }} * {{ z }}))
{%- endmacro %}

{# A rate that is NULL, not misleading, below the smallest sample or before its window has closed. #}
{% macro rate(numerator, denominator, is_ready="true") -%}
    case
        when {{ is_ready }} and {{ denominator }} >= {{ var("min_sample") }}
            then cast({{ numerator }} as double) / cast({{ denominator }} as double)
    end
{%- endmacro %}

{# The five columns of a rate with one yes or no per unit: value, counts and Wilson interval. #}
{% macro rate_columns(name, numerator, denominator, is_ready="true") -%}
        {{ rate(numerator, denominator, is_ready) }} as {{ name }},
        case when {{ is_ready }} then cast({{ numerator }} as bigint) end as {{ name }}_numerator,
        case when {{ is_ready }} then cast({{ denominator }} as bigint) end as {{ name }}_denominator,
        case
            when {{ is_ready }} and {{ denominator }} >= {{ var("min_sample") }}
                then {{ wilson_bound(numerator, denominator, "-") }}
        end as {{ name }}_ci_lower,
        case
            when {{ is_ready }} and {{ denominator }} >= {{ var("min_sample") }}
                then {{ wilson_bound(numerator, denominator, "+") }}
        end as {{ name }}_ci_upper
{%- endmacro %}

{# The five columns of a rate whose customers have several rows: the interval is clustered by customer in `inference`. #}
{% macro clustered_rate_columns(name, numerator, denominator, readout, is_ready="true") -%}
        {{ rate(numerator, denominator, is_ready) }} as {{ name }},
        case when {{ is_ready }} then cast({{ numerator }} as bigint) end as {{ name }}_numerator,
        case when {{ is_ready }} then cast({{ denominator }} as bigint) end as {{ name }}_denominator,
        case
            when {{ is_ready }} and {{ denominator }} >= {{ var("min_sample") }}
                then {{ readout }}.ci_lower
        end as {{ name }}_ci_lower,
        case
            when {{ is_ready }} and {{ denominator }} >= {{ var("min_sample") }}
                then {{ readout }}.ci_upper
        end as {{ name }}_ci_upper
{%- endmacro %}

{# The intervals that `inference` found for one metric of a mart, by the key of its cell. #}
{% macro readouts_of(kpi_name, metric_name) -%}
    select
        cell_key,
        ci_lower,
        ci_upper
    from {{ source("inference", "clustered_ratios") }}
    where
        kpi_name = '{{ kpi_name }}'
        and metric_name = '{{ metric_name }}'
{%- endmacro %}
