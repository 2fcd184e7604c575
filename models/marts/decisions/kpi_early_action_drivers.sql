{%- set inputs = ["events", "orders"] -%}
{%- set rates = {
    "action_share": ("did_count", "customer_count"),
    "positive_predictive_value": ("true_positive_count", "did_count"),
    "negative_predictive_value": ("true_negative_count", "left_count"),
    "sensitivity": ("true_positive_count", "retained_count"),
    "specificity": ("true_negative_count", "lost_count"),
} -%}
{%- set figures = [
    "phi", "activity_adjusted_odds_ratio", "activity_adjusted_odds_ratio_ci_lower",
    "activity_adjusted_odds_ratio_ci_upper", "phi_discovery", "discovery_p_value",
    "discovery_fdr_p_value", "phi_confirmed", "phi_confirmed_ci_lower", "phi_confirmed_ci_upper",
    "confirmation_p_value", "confirmation_holm_p_value",
] -%}
with actions as (
    select
        action_name,
        threshold,
        max(case when is_same_activity then 1 else 0 end) = 1 as is_same_activity,
        cast(sum(true_positive_count) as bigint) as true_positive_count,
        cast(sum(false_positive_count) as bigint) as false_positive_count,
        cast(sum(false_negative_count) as bigint) as false_negative_count,
        cast(sum(true_negative_count) as bigint) as true_negative_count
    from {{ ref("sums_early_actions") }}
    group by action_name, threshold
),

totals as (
    select
        *,
        true_positive_count + false_positive_count as did_count,
        false_negative_count + true_negative_count as left_count,
        true_positive_count + false_negative_count as retained_count,
        false_positive_count + true_negative_count as lost_count,
        true_positive_count + false_positive_count + false_negative_count + true_negative_count
            as customer_count
    from actions
),

judged as (
    select
        totals.*,
        {%- for figure in figures %}
        found.{{ figure }},
        {%- endfor %}
        found.is_discovered,
        least(totals.did_count, totals.left_count) >= {{ var("discovery_min_customers") }}
            as is_shown
    from totals
    inner join {{ source("inference", "early_actions") }} as found
        on
            totals.action_name = found.action_name
            and totals.threshold = found.threshold
),

data_through as (
    {{ data_through(inputs) }}
),

quality as (
    {{ overall_quality(inputs) }}
),

final as (
    select
        judged.action_name,
        cast(judged.threshold as bigint) as threshold,
        judged.customer_count,
        judged.true_positive_count,
        judged.false_positive_count,
        judged.false_negative_count,
        judged.true_negative_count,
        {%- for rate, (over, under) in rates.items() %}
        {{ rate_columns(rate, "judged." ~ over, "judged." ~ under) }},
        {%- endfor %}
        {%- for figure in figures %}
        case when judged.is_shown then judged.{{ figure }} end as {{ figure }},
        {%- endfor %}
        case
            when not judged.is_shown or judged.phi is null then null
            when abs(judged.phi) >= 0.4 then 'highly'
            when abs(judged.phi) >= 0.3 then 'moderately'
            when abs(judged.phi) >= 0.2 then 'slightly'
            else 'not_predictive'
        end as phi_band,
        judged.is_same_activity,
        judged.is_discovered,
        case
            when judged.is_discovered is not null
                then
                    coalesce(
                        judged.confirmation_holm_p_value < {{ var("fdr_level") }}
                        and abs(judged.phi_confirmed) >= {{ var("discovery_min_phi") }}
                        and judged.phi_confirmed * judged.phi_discovery > 0, false
                    )
        end as is_confirmed,
        cast('observational' as string) as evidence_type,
        data_through.data_through_date,
        quality.data_quality
    from judged
    cross join quality
    cross join data_through
)

select * from final
