{# One text for a row of `kpi_micro_feedback_weekly`: how its sums find their readout again. #}
{% macro feedback_cell_key() -%}
    model_version || ' ' || model_behaviour || ' '
    || case when has_reason_shown then 'reason' else 'no reason' end
    || ' ' || cast(week_start_date as string)
{%- endmacro %}
