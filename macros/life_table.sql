{#
    Per cell and duration at which somebody left: how many were still there just before it, and how many of those who
    left did so by the event; the others are only known until then.

    units: (keys, duration_days, is_event), one row a unit.
#}
{% macro life_table(units, keys) -%}
    with exits as (
        select
            {{ keys | join(", ") }},
            duration_days,
            count(*) as exit_count,
            count(case when is_event then 1 end) as event_count
        from {{ units }}
        group by all
    )

    select
        {{ keys | join(", ") }},
        cast(duration_days as bigint) as duration_days,
        cast(
            sum(exit_count) over (
                partition by {{ keys | join(", ") }}
                order by duration_days desc
                rows between unbounded preceding and current row
            ) as bigint
        ) as at_risk_count,
        cast(event_count as bigint) as event_count
    from exits
{%- endmacro %}
