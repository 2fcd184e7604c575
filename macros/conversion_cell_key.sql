{# What tells a cell of kpi_conversion_weekly from others, in the sums and in the mart. #}
{% macro conversion_cell_key() -%}
    product_line || ' ' || cast(week_start_date as string) || ' ' || segment_type || ' ' || segment_value
{%- endmacro %}
