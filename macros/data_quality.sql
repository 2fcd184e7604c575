{# The last whole day of which rows of a fact are known, as a one-row relation; the day of `as_of` is not over. #}
{% macro data_through(relation, column="activity_date") -%}
    select least(max({{ column }}), {{ add_days(as_of_date(), -1) }}) as data_through_date
    from {{ relation }}
{%- endmacro %}

{# The weeks in which an input of a mart did not pass its gates, each once. #}
{% macro degraded_weeks(tables) -%}
    select week_start_date
    from {{ ref("input_quality_daily") }}
    where
        is_degraded
        and canonical_table in ('{{ tables | join("', '") }}')
    group by week_start_date
{%- endmacro %}

{# The weeks from which on, for so many weeks, an input of a mart did not pass its gates in one of them, each once. #}
{% macro degraded_windows(tables, weeks) -%}
    {%- for week in range(weeks) %}
    select {{ add_days("week_start_date", -7 * week) }} as week_start_date
    from {{ ref("input_quality_daily") }}
    where
        is_degraded
        and canonical_table in ('{{ tables | join("', '") }}')
    {{ "union distinct" if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{# The days on which an input of a mart did not pass its gates, each once. #}
{% macro degraded_days(tables) -%}
    select received_date as activity_date
    from {{ ref("input_quality_daily") }}
    where
        is_degraded
        and canonical_table in ('{{ tables | join("', '") }}')
    group by received_date
{%- endmacro %}

{# The received dates on which a source did not pass its gates, each once. #}
{% macro degraded_source_days() -%}
    select
        source_name,
        received_date
    from {{ ref("input_quality_daily") }}
    where is_degraded
    group by source_name, received_date
{%- endmacro %}
