{# Whether a state that holds from `valid_from` until just before `valid_to` (NULL: still) held at a moment. #}
{% macro holds_at(states, moment) -%}
    {{ states }}.valid_from <= {{ moment }}
    and ({{ states }}.valid_to is null or {{ moment }} < {{ states }}.valid_to)
{%- endmacro %}

{# Until when a state holds: the beginning of the next one of the same key, NULL where there is none. #}
{% macro next_state_at(keys) -%}
    lead(valid_from) over (
        partition by {{ keys | join(", ") }}
        order by valid_from asc
    )
{%- endmacro %}
