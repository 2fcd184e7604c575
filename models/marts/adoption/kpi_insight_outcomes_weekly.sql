{%- set inputs = ["events", "decisions"] -%}
{%- set key = [
    "feature_id", "model_version", "model_behaviour", "has_reason_shown", "week_start_date"
] -%}
{%- set is_ready = {
    "solved_rate": "weeks.is_task_mature",
    "resumed_task_rate": "weeks.is_resumption_mature",
} -%}
with weeks as (
    select
        {{ key | join(", ") }},
        {%- for outcome in [
            "served", "opened", "acted", "dismissed", "ignored",
            "opened_acted", "opened_dismissed", "opened_ignored",
            "task", "solved", "abandonment", "resumed",
        ] %}
        cast(sum({{ outcome }}_count) as bigint) as {{ outcome }}_count,
        {%- endfor %}
        count(*) as customer_count
    from {{ ref("sums_insight_customer_weekly") }}
    group by {{ key | join(", ") }}
),

keyed_weeks as (
    select
        *,
        {{ insight_cell_key() }} as cell_key,
        {{ is_mature(add_days("week_start_date", 7 + var("insight_window_days"))) }} as is_mature,
        {{ is_mature(add_days("week_start_date", 7 + var("task_window_days"))) }}
            as is_task_mature,
        {{ is_mature(add_days("week_start_date", 7 + var("resumption_window_days"))) }}
            as is_resumption_mature
    from weeks
),

readouts as (
    {{ clustered_readouts("kpi_insight_outcomes_weekly", insight_rates()) }}
),

data_through as (
    {{ data_through(inputs) }}
),

degraded as (
    {{ degraded_windows(inputs, days=var("resumption_window_days")) }}
),

final as (
    select
        {%- for column in key %}
        weeks.{{ column }},
        {%- endfor %}
        weeks.customer_count,
        weeks.served_count,
        {{ clustered_rates(insight_rates(), "weeks", "readouts", "weeks.is_mature", is_ready) }},
        weeks.is_mature,
        data_through.data_through_date,
        case when degraded.week_start_date is null then 'ok' else 'degraded' end as data_quality
    from keyed_weeks as weeks
    left join readouts
        on weeks.cell_key = readouts.cell_key
    left join degraded
        on weeks.week_start_date = degraded.week_start_date
    cross join data_through
)

select * from final
