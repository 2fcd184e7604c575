{#
    The last whole day of which rows of every input of a mart are known, as a one-row relation; the day of `as_of` is not
    over. An experiment's registry is no input here: it is silent while nobody is enrolled.
#}
{% macro data_through(tables) -%}
    select
        least(min(last_received_date), {{ add_days(as_of_date(), -1) }}) as data_through_date
    from {{ ref("fct_input_freshness") }}
    where canonical_table in ('{{ tables | join("', '") }}')
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

{# The weeks from which on, until so many days after them, an input of a mart did not pass its gates, each once. #}
{% macro degraded_windows(tables, days) -%}
    {%- for week in range((days / 7) | round(0, "ceil") | int + 1) %}
    select distinct {{ add_days("week_start_date", -7 * week) }} as week_start_date
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

{#
    How well the inputs of a mart whose rows rest on all days are known, as a one-row relation: `degraded` if one of
    them did not pass its gates on any day, or any since `since` (SQL of a date).
#}
{% macro overall_quality(tables, since=none) -%}
    select case when count(*) = 0 then 'ok' else 'degraded' end as data_quality
    from ({{ degraded_days(tables) }}) as degraded_days
    {%- if since %}
    where activity_date >= {{ since }}
    {%- endif %}
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
