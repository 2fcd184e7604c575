{%- set inputs = ["events", "orders"] -%}
with steps as (
    select
        flow_id,
        step,
        cast(sum(abandoned_count) as bigint) as abandoned_count,
        cast(sum(abandoned_inactive_count) as bigint) as abandoned_inactive_count,
        cast(sum(completed_count) as bigint) as completed_count,
        cast(sum(completed_inactive_count) as bigint) as completed_inactive_count
    from {{ ref("sums_abandonment") }}
    group by flow_id, step
),

judged as (
    select
        steps.*,
        found.adjusted_risk_ratio,
        found.adjusted_risk_ratio_ci_lower,
        found.adjusted_risk_ratio_ci_upper,
        found.p_value,
        least(steps.abandoned_count, steps.completed_count) >= {{ var("min_sample") }} as is_shown
    from steps
    inner join {{ source("inference", "abandonment") }} as found
        on
            steps.flow_id = found.flow_id
            and steps.step = found.step
),

data_through as (
    {{ data_through(inputs) }}
),

quality as (
    {{ overall_quality(inputs) }}
),

final as (
    select
        judged.flow_id,
        judged.step,
        {{ rate_columns(
            "abandoned_churn_rate", "judged.abandoned_inactive_count", "judged.abandoned_count"
        ) }},
        {{ rate_columns(
            "completed_churn_rate", "judged.completed_inactive_count", "judged.completed_count"
        ) }},
        case
            when judged.is_shown and judged.completed_inactive_count > 0
                then
                    cast(judged.abandoned_inactive_count as double) * judged.completed_count
                    / (cast(judged.completed_inactive_count as double) * judged.abandoned_count)
        end as risk_ratio,
        {%- for figure in [
            "adjusted_risk_ratio", "adjusted_risk_ratio_ci_lower", "adjusted_risk_ratio_ci_upper",
            "p_value",
        ] %}
        case when judged.is_shown then judged.{{ figure }} end as {{ figure }},
        {%- endfor %}
        cast('observational' as string) as evidence_type,
        data_through.data_through_date,
        quality.data_quality
    from judged
    cross join quality
    cross join data_through
)

select * from final
