{%- set inputs = ["events", "feedback", "decisions"] -%}
with weeks as (
    select
        model_version,
        model_behaviour,
        has_reason_shown,
        week_start_date,
        count(*) as customer_count,
        cast(sum(prompted_count) as bigint) as prompted_count,
        cast(sum(yes_count) as bigint) as yes_count,
        cast(sum(no_count) as bigint) as no_count,
        cast(sum(yes_count + no_count) as bigint) as answered_count,
        cast(sum(tap_count) as bigint) as tap_count,
        {{ is_mature(add_days("week_start_date", 7 + var("feedback_window_days"))) }}
            as is_mature
    from {{ ref("sums_feedback_customer_weekly") }}
    group by model_version, model_behaviour, has_reason_shown, week_start_date
),

helpful as (
    select
        cell_key,
        ci_lower,
        ci_upper,
        difference,
        fdr_p_value
    from {{ source("inference", "clustered_ratios") }}
    where
        kpi_name = 'kpi_micro_feedback_weekly'
        and metric_name = 'helpful_rate'
),

response as (
    select
        cell_key,
        ci_lower,
        ci_upper
    from {{ source("inference", "clustered_ratios") }}
    where
        kpi_name = 'kpi_micro_feedback_weekly'
        and metric_name = 'response_rate'
),

data_through as (
    {{ data_through(inputs) }}
),

degraded as (
    {{ degraded_windows(inputs, days=var("feedback_window_days")) }}
),

compared as (
    select
        weeks.*,
        {{ feedback_cell_key() }} as cell_key,
        weeks.is_mature and weeks.answered_count >= {{ var("min_sample") }} as is_comparable
    from weeks
),

final as (
    select
        weeks.model_version,
        weeks.model_behaviour,
        weeks.has_reason_shown,
        weeks.week_start_date,
        weeks.customer_count,
        weeks.prompted_count,
        weeks.yes_count,
        weeks.no_count,
        weeks.tap_count,
        {{ clustered_rate_columns(
            "helpful_rate", "weeks.yes_count", "weeks.answered_count", "helpful", "weeks.is_mature"
        ) }},
        cast({{ var("target_helpful_rate") }} as double) as helpful_rate_target,
        {{ rate("weeks.yes_count", "weeks.answered_count", "weeks.is_mature") }}
        >= {{ var("target_helpful_rate") }} as is_helpful_rate_target_met,
        {{ clustered_rate_columns(
            "response_rate",
            "weeks.answered_count",
            "weeks.prompted_count",
            "response",
            "weeks.is_mature",
        ) }},
        case when weeks.is_comparable then helpful.difference end as helpful_rate_gap,
        case when weeks.is_comparable then helpful.fdr_p_value end as helpful_rate_fdr_p_value,
        case
            when weeks.is_comparable
                then
                    helpful.fdr_p_value < {{ var("fdr_level") }}
                    and abs(helpful.difference) >= {{ var("helpful_gap") }}
        end as is_helpful_rate_gap_found,
        cast('observational' as string) as evidence_type,
        weeks.is_mature,
        data_through.data_through_date,
        case when degraded.week_start_date is null then 'ok' else 'degraded' end as data_quality
    from compared as weeks
    left join helpful
        on weeks.cell_key = helpful.cell_key
    left join response
        on weeks.cell_key = response.cell_key
    left join degraded
        on weeks.week_start_date = degraded.week_start_date
    cross join data_through
)

select * from final
