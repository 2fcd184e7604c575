{# Minutes since midnight of a clock's text such as 22:00; NULL where it is none. #}
{% macro minute_of_clock(text) -%}
    try_cast(split_part({{ text }}, ':', 1) as integer) * 60
    + try_cast(split_part({{ text }}, ':', 2) as integer)
{%- endmacro %}

{# Whether a minute of the day lies in hours that may go over midnight; from one minute to itself is never. #}
{% macro is_in_quiet_hours(minute, from_minute, until_minute) -%}
    case
        when {{ from_minute }} <= {{ until_minute }}
            then {{ minute }} >= {{ from_minute }} and {{ minute }} < {{ until_minute }}
        else {{ minute }} >= {{ from_minute }} or {{ minute }} < {{ until_minute }}
    end
{%- endmacro %}
