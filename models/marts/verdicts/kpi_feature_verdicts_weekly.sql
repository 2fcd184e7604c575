{#- What the stage `verdicts` found, in the types that are promised, beside what was said first. -#}
{%- set inputs = [
    "events", "preferences", "feedback", "offers_to_opt_in", "decisions", "tickets",
] -%}
{%- set columns = {
    "feature_id": "string",
    "week_start_date": "date",
    "engagement_level": "string",
    "trust_level": "string",
    "outcome": "string",
    "verdict": "string",
    "previous_verdict": "string",
    "is_changed": "boolean",
    "rule": "string",
    "since_week_start_date": "date",
    "entered_because": "string",
    "weeks_in_state": "bigint",
    "age_weeks": "bigint",
    "fix_cycle_count": "bigint",
    "clock_weeks_left": "bigint",
    "fixed_week_start_date": "date",
    "reasons": "string",
    "next_step": "string",
    "next_step_date": "date",
    "rollout_action": "string",
    "is_decision_due": "boolean",
    "is_vanity_trap": "boolean",
    "has_track_gap": "boolean",
    "has_quantitative": "boolean",
    "has_qualitative": "boolean",
    "is_blocked": "boolean",
    "blocked_weeks": "bigint",
    "is_stale": "boolean",
    "unused_weeks": "bigint",
    "distrust_weeks": "bigint",
    "recovery_weeks": "bigint",
    "qualifying_weeks": "bigint",
    "failing_weeks": "bigint",
    "engagement_rate": "double",
    "engagement_rate_numerator": "bigint",
    "engagement_rate_denominator": "bigint",
    "engagement_rate_ci_lower": "double",
    "engagement_rate_ci_upper": "double",
    "weekly_opt_out_hazard": "double",
    "weekly_opt_out_hazard_numerator": "bigint",
    "weekly_opt_out_hazard_denominator": "bigint",
    "weekly_opt_out_hazard_ci_lower": "double",
    "weekly_opt_out_hazard_ci_upper": "double",
    "recent_helpful_rate": "double",
    "recent_helpful_rate_numerator": "bigint",
    "recent_helpful_rate_denominator": "bigint",
    "recent_helpful_rate_ci_lower": "double",
    "recent_helpful_rate_ci_upper": "double",
    "recent_opt_in_rate": "double",
    "recent_opt_in_rate_numerator": "bigint",
    "recent_opt_in_rate_denominator": "bigint",
    "recent_opt_in_rate_ci_lower": "double",
    "recent_opt_in_rate_ci_upper": "double",
    "recent_csat_positive_rate": "double",
    "recent_csat_positive_rate_numerator": "bigint",
    "recent_csat_positive_rate_denominator": "bigint",
    "recent_csat_positive_rate_ci_lower": "double",
    "recent_csat_positive_rate_ci_upper": "double",
    "theme_spike_count": "bigint",
    "distrust_signals": "string",
    "exposed_customer_count": "bigint",
    "interaction_count": "bigint",
    "reportable_incident_count": "bigint",
    "experiment_id": "string",
    "metric_name": "string",
    "absolute_lift": "double",
    "lift_ci_lower": "double",
    "lift_ci_upper": "double",
    "minimum_effect": "double",
    "runtime_days": "bigint",
    "harm_experiment_id": "string",
    "harm_metric": "string",
} -%}
with weekly as (
    select *
    from {{ source("verdicts", "weekly") }}
),

words as (
    select
        feature_id,
        week_start_date,
        max(revision) as revision,
        max(case when revision = 1 then verdict end) as first_verdict
    from {{ source("verdicts", "history") }}
    group by feature_id, week_start_date
),

data_through as (
    {{ data_through(inputs) }}
),

degraded as (
    {{ degraded_weeks(inputs) }}
),

final as (
    select
        {%- for column, type in columns.items() %}
        cast(weekly.{{ column }} as {{ type }}) as {{ column }},
        {%- endfor %}
        cast(words.first_verdict as string) as first_verdict,
        cast(words.revision as bigint) as revision,
        weekly.verdict <> words.first_verdict as is_corrected,
        data_through.data_through_date,
        -- A verdict rests on four weeks.
        case
            when
                bool_or(degraded.week_start_date is not null) over (
                    partition by weekly.feature_id
                    order by weekly.week_start_date asc
                    rows between 3 preceding and current row
                )
                then 'degraded'
            else 'ok'
        end as data_quality
    from weekly
    inner join words
        on
            weekly.feature_id = words.feature_id
            and weekly.week_start_date = words.week_start_date
    left join degraded
        on weekly.week_start_date = degraded.week_start_date
    cross join data_through
)

select * from final
