{# How risky a risk segment, or a content for it, is; NULL for a word that is none of the house's. #}
{% macro risk_rank(risk) -%}
    case {{ risk }} when 'low' then 1 when 'medium' then 2 when 'high' then 3 end
{%- endmacro %}
