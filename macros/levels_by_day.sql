{#
    From marks (key, activity_date, changes, flows) to one row per key and day up to yesterday: levels are the running
    sums of their changes, flows the sums of the day. People are counted by two marks each, not once per day.
#}
{% macro levels_by_day(marks, keys, levels, flows) -%}
daily_marks as (
    select
        {{ keys | join(", ") }},
        activity_date,
        {%- for column in levels + flows %}
        sum({{ column }}) as {{ column }}{{ "," if not loop.last }}
        {%- endfor %}
    from {{ marks }}
    group by all
),

spans as (
    select
        {{ keys | join(", ") }},
        min(activity_date) as first_date
    from daily_marks
    group by all
),

days as (
    select
        {{ keys | join(", ") }},
        {{ date_range("first_date", add_days(as_of_date(), -1)) }} as activity_date
    from spans
),

final as (
    select
        {%- for key in keys %}
        days.{{ key }},
        {%- endfor %}
        days.activity_date,
        {%- for column in levels %}
        cast(
            sum(coalesce(daily_marks.{{ column }}, 0)) over (
                partition by {% for key in keys %}days.{{ key }}{{ ", " if not loop.last }}{% endfor %}
                order by days.activity_date asc
                rows between unbounded preceding and current row
            ) as bigint
        ) as {{ column }},
        {%- endfor %}
        {%- for column in flows %}
        cast(coalesce(daily_marks.{{ column }}, 0) as bigint) as {{ column }}{{ "," if not loop.last }}
        {%- endfor %}
    from days
    left join daily_marks
        on
            {%- for key in keys %}
            days.{{ key }} = daily_marks.{{ key }}
            and {% endfor %}days.activity_date = daily_marks.activity_date
)
{%- endmacro %}
