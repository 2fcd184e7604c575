{# The decisions of the log, each once: of two sources that tell of one the earlier word counts. #}
{% macro logged_decisions() -%}
    select *
    from {{ ref("fct_decisions") }}
    qualify
        row_number() over (
            partition by decision_id
            order by
                event_at asc, model_version asc, model_behaviour asc, reason_shown asc, row_id asc
        ) = 1
{%- endmacro %}
