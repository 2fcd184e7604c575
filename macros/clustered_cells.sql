{#
    A mart's part of `sums_clustered_ratios`: for each metric the customers' numerators (y) and denominators (x).

    relation: one row per customer and cell.
    cell_key: how the mart's row finds its readouts again.
    metrics: metric name to [numerator, denominator].
    family_key: cells to compare with each other; by default none.
#}
{% macro clustered_cells(kpi_name, relation, cell_key, metrics, family_key=none) -%}
    {%- for metric, terms in metrics.items() %}
    select
        '{{ kpi_name }}' as kpi_name,
        '{{ metric }}' as metric_name,
        {{ cell_key }} as cell_key,
        {{ family_key or cell_key }} as family_key,
        {{ terms[0] }} as y,
        {{ terms[1] }} as x
    from {{ relation }}
    {{ "union all" if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{# The intervals of several metrics of a mart, one row per cell. #}
{% macro clustered_readouts(kpi_name, metrics) -%}
    select
        cell_key,
        {%- for metric in metrics %}
        {%- for bound in ["ci_lower", "ci_upper"] %}
        max(case when metric_name = '{{ metric }}' then {{ bound }} end)
            as {{ metric }}_{{ bound }}{{ "," if not loop.last }}
        {%- endfor %}
        {{- "," if not loop.last }}
        {%- endfor %}
    from {{ source("inference", "clustered_ratios") }}
    where kpi_name = '{{ kpi_name }}'
    group by cell_key
{%- endmacro %}

{#
    The five columns of each of several rates whose customers have several rows.

    metrics: as clustered_cells has them; row: the relation with their sums; readouts: as clustered_readouts gives them.
    is_ready: a condition; exceptions: another one for some of the metrics.
#}
{% macro clustered_rates(metrics, row, readouts, is_ready, exceptions={}) -%}
    {%- for metric, terms in metrics.items() %}
        {%- set ready = exceptions.get(metric, is_ready) %}
        {%- set is_shown = ready ~ " and " ~ row ~ "." ~ terms[1] ~ " >= " ~ var("min_sample") %}
        {{ rate(row ~ "." ~ terms[0], row ~ "." ~ terms[1], ready) }} as {{ metric }},
        case when {{ ready }} then cast({{ row }}.{{ terms[0] }} as bigint) end
            as {{ metric }}_numerator,
        case when {{ ready }} then cast({{ row }}.{{ terms[1] }} as bigint) end
            as {{ metric }}_denominator,
        {%- for bound in ["ci_lower", "ci_upper"] %}
        case when {{ is_shown }} then {{ readouts }}.{{ metric }}_{{ bound }} end
            as {{ metric }}_{{ bound }}{{ "," if not loop.last }}
        {%- endfor %}
        {{- "," if not loop.last }}
    {%- endfor %}
{%- endmacro %}
