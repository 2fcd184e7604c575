{%- set inputs = ["events", "preferences", "decisions", "messages"] -%}
with weeks as (
    select
        *,
        cast(week_start_date as string) as cell_key,
        {{ is_mature(add_days("week_start_date", 7)) }} as is_mature,
        -- The last opt-out of the week is watched for so long.
        {{ is_mature(add_days("week_start_date", 8 + var("honour_window_days"))) }}
            as is_honour_mature
    from {{ ref("sums_user_control_weekly") }}
),

readouts as (
    {{ clustered_readouts("kpi_user_control_weekly", response_rates()) }}
),

data_through as (
    {{ data_through(inputs) }}
),

degraded as (
    {{ degraded_windows(inputs, days=1 + var("honour_window_days")) }}
),

final as (
    select
        weeks.week_start_date,
        weeks.preference_visit_count,
        weeks.visitor_count,
        weeks.preference_edit_count,
        weeks.opt_out_count,
        case when weeks.is_mature then weeks.visit_to_opt_out_seconds_p50 end
            as visit_to_opt_out_seconds_p50,
        case when weeks.is_honour_mature then weeks.breached_opt_out_count end
            as breached_opt_out_count,
        case when weeks.is_honour_mature then weeks.opt_out_honour_hours_p95 end
            as opt_out_honour_hours_p95,
        weeks.served_count as decision_count,
        weeks.accepted_count,
        weeks.overridden_count,
        weeks.auto_applied_count,
        {{ clustered_rates(response_rates(), "weeks", "readouts", "weeks.is_mature") }},
        cast({{ var("target_auto_applied_rate") }} as double) as auto_applied_rate_target,
        {{ rate("weeks.auto_applied_count", "weeks.served_count", "weeks.is_mature") }}
        <= {{ var("target_auto_applied_rate") }} as is_auto_applied_rate_target_met,
        weeks.is_mature,
        data_through.data_through_date,
        case when degraded.week_start_date is null then 'ok' else 'degraded' end as data_quality
    from weeks
    left join readouts
        on weeks.cell_key = readouts.cell_key
    left join degraded
        on weeks.week_start_date = degraded.week_start_date
    cross join data_through
)

select * from final
