{# One text for a row of `kpi_targeting_weekly`: how its sums find their readout again. #}
{% macro targeting_cell_key() -%}
    feature_id || ' ' || model_behaviour || ' ' || cast(week_start_date as string)
{%- endmacro %}
