{# Whether something happened to a ticket in the window after its creation; what has not happened has not. #}
{% macro in_support_window(moment, created_at) -%}
    coalesce({{ moment }} < {{ created_at }} + interval '{{ var("support_window_days") }}' day, false)
{%- endmacro %}

{#
    Hours within which it had happened to a share of the tickets, from microseconds. Tickets to which it
    never did stand at the end of the order `position`: where the share lies among them, there is no such hour.
#}
{% macro hours_at(share, seconds, position, ticket_count) -%}
    max(
        case when {{ position }} = cast(ceil({{ share }} * {{ ticket_count }}) as bigint) then {{ seconds }} end
    ) / 3600000000.0
{%- endmacro %}

{# One text for a row of a mart of surveys: how its sums find their readout again. #}
{% macro survey_cell_key() -%}
    instrument || ' ' || segment_type || ' ' || segment_value || ' ' || cast(week_start_date as string)
{%- endmacro %}
