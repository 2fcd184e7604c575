{#
    Held out or treated: what a variation's role or, where no assignment gives one, its name means. GrowthBook numbers
    its variations from 0, the control.
#}
{% macro variation_role(column) -%}
    case
        when lower(trim({{ column }})) in ('holdout', 'control', '0') then 'holdout'
        else 'treatment'
    end
{%- endmacro %}
