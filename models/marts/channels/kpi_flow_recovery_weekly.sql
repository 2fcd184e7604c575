{%- set follow_up_days = (var("flow_follow_up_hours") / 24) | round(0, "ceil") | int -%}
{%- set metrics = {
    "complete_context_rate": ("complete_context_count", "abandonment_count", "is_mature"),
    "trigger_24h_rate": ("triggered_in_time_count", "eligible_count", "is_mature"),
    "specific_message_rate": ("specific_message_count", "reminded_count", "is_mature"),
    "recovery_rate": ("recovered_count", "abandonment_count", "is_recovery_mature"),
} -%}
with weeks as (
    select
        flow_id,
        follow_up,
        week_start_date,
        flow_id || ' ' || follow_up || ' ' || cast(week_start_date as string) as cell_key,
        count(*) as customer_count,
        {%- for name in [
            "abandonment_count", "recovered_count", "complete_context_count", "eligible_count",
            "triggered_in_time_count", "reminded_count", "specific_message_count",
        ] %}
        cast(sum({{ name }}) as bigint) as {{ name }},
        {%- endfor %}
        {{ is_mature(add_days("week_start_date", 7 + follow_up_days)) }} as is_mature,
        {{ is_mature(add_days("week_start_date", 7 + var("flow_recovery_days"))) }}
            as is_recovery_mature
    from {{ ref("sums_flow_customer_weekly") }}
    group by flow_id, follow_up, week_start_date
),

{% for metric in metrics -%}
{{ metric }}_readouts as (
    {{ readouts_of("kpi_flow_recovery_weekly", metric) }}
),

{% endfor -%}
lifts as (
    select *
    from {{ source("inference", "flow_lifts") }}
),

to_date as (
    select
        flow_id,
        week_start_date,
        follow_up,
        sum_x as abandonment_count,
        max(case when follow_up = 'holdout' then sum_x end) over (
            partition by flow_id, week_start_date
        ) as holdout_count
    from {{ ref("sums_flow_recovery_to_date") }}
),

data_through as (
    {{ data_through(["events", "messages", "preferences"]) }}
),

degraded as (
    {{ degraded_windows(
        ["events", "messages", "assignments", "preferences"], days=var("flow_recovery_days")
    ) }}
),

final as (
    select
        weeks.flow_id,
        weeks.follow_up,
        weeks.week_start_date,
        weeks.customer_count,
        weeks.abandonment_count,
        weeks.eligible_count,
        weeks.reminded_count,
        {%- for metric, (y, x, is_ready) in metrics.items() %}
        {{ clustered_rate_columns(
            metric, "weeks." ~ y, "weeks." ~ x, metric ~ "_readouts", "weeks." ~ is_ready
        ) }},
        {%- endfor %}
        {%- for name in [
            "absolute_lift", "absolute_lift_ci_lower", "absolute_lift_ci_upper", "relative_lift",
        ] %}
        case
            when
                weeks.is_recovery_mature
                and to_date.abandonment_count >= {{ var("min_sample") }}
                and to_date.holdout_count >= {{ var("min_sample") }}
                then lifts.{{ name }}
        end as {{ name }},
        {%- endfor %}
        case when weeks.follow_up = 'none' then 'observational' else 'randomised' end
            as evidence_type,
        weeks.is_recovery_mature as is_mature,
        data_through.data_through_date,
        case when degraded.week_start_date is null then 'ok' else 'degraded' end as data_quality
    from weeks
    left join lifts
        on
            weeks.flow_id = lifts.flow_id
            and weeks.follow_up = lifts.follow_up
            and weeks.week_start_date = lifts.week_start_date
    left join to_date
        on
            weeks.flow_id = to_date.flow_id
            and weeks.follow_up = to_date.follow_up
            and weeks.week_start_date = to_date.week_start_date
    left join degraded
        on weeks.week_start_date = degraded.week_start_date
    {%- for metric in metrics %}
    left join {{ metric }}_readouts
        on weeks.cell_key = {{ metric }}_readouts.cell_key
    {%- endfor %}
    cross join data_through
)

select * from final
