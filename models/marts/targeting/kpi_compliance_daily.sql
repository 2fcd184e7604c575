{%- set inputs = [
    "decisions", "decision_reviews", "kyc_events", "eligibility", "preferences", "permissions",
    "events", "customers",
] -%}
with days as (
    select
        *,
        {{ is_mature(add_days("activity_date", 1)) }} as is_mature
    from {{ ref("sums_compliance_daily") }}
),

data_through as (
    {{ data_through(inputs) }}
),

degraded as (
    {{ degraded_days(inputs) }}
),

final as (
    select
        rules.rule_id,
        rules.severity,
        days.activity_date,
        rules.is_reportable,
        days.served_count,
        days.judged_count,
        days.incident_count,
        case when rules.is_reportable then days.incident_count else 0 end
            as reportable_incident_count,
        days.incident_customer_count,
        cast({{ var("target_reportable_incident_count") }} as bigint)
            as reportable_incident_count_target,
        case when rules.is_reportable then days.incident_count else 0 end
        <= {{ var("target_reportable_incident_count") }} as is_reportable_incident_count_target_met,
        days.is_mature,
        data_through.data_through_date,
        case when degraded.activity_date is null then 'ok' else 'degraded' end as data_quality
    from days
    inner join {{ ref("compliance_rules") }} as rules
        on days.rule_id = rules.rule_id
    left join degraded
        on days.activity_date = degraded.activity_date
    cross join data_through
)

select * from final
