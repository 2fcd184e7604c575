{# The reasons that keep noise out of the KPIs. Malformed rows can't be counted, and erased ones must not be. #}
{% macro noise_filters() %}
    {{ return(verdicts() | reject("in", ["kept", "erased"]) | list) }}
{% endmacro %}

{#
    Which verdicts count when a filter is off, as (filter_name, verdict): `none` has every filter on, so only kept
    rows count; under the name of a filter its rows count too; under `all` everything does.
#}
{% macro counted_verdicts() -%}
    select
        counted.filter_name,
        counted.verdict
    from (
        values
        ('none', 'kept'),
        ('all', 'kept'),
        {%- for filter in noise_filters() %}
        ('{{ filter }}', 'kept'),
        ('{{ filter }}', '{{ filter }}'),
        ('all', '{{ filter }}'){{ "," if not loop.last }}
        {%- endfor %}
    ) as counted (filter_name, verdict)
{%- endmacro %}

{# A headline of a closed week: a rate that is NULL on too few, or a count where there is no denominator. #}
{% macro restated_value(numerator, denominator) -%}
    case
        when is_mature and {{ denominator }} is null then cast({{ numerator }} as double)
        else {{ rate(numerator, denominator, "is_mature") }}
    end
{%- endmacro %}
