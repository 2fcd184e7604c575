{%- set inputs = ["events", "orders", "ledger"] -%}
with features as (
    select
        counts.*,
        found.absolute_lift,
        found.absolute_lift_ci_lower,
        found.absolute_lift_ci_upper,
        found.p_value,
        found.fdr_p_value,
        least(counts.top_count, counts.rest_count) >= {{ var("min_sample") }} as is_shown
    from {{ ref("sums_feature_value") }} as counts
    inner join {{ source("inference", "high_value_features") }} as found
        on counts.feature_id = found.feature_id
),

data_through as (
    {{ data_through(inputs) }}
),

quality as (
    {{ overall_quality(inputs, since=add_days(as_of_date(), -var("value_window_days"))) }}
),

final as (
    select
        features.feature_id,
        {{ rate_columns("top_use_rate", "features.top_used_count", "features.top_count") }},
        {{ rate_columns("rest_use_rate", "features.rest_used_count", "features.rest_count") }},
        {%- for figure in [
            "absolute_lift", "absolute_lift_ci_lower", "absolute_lift_ci_upper", "p_value",
            "fdr_p_value",
        ] %}
        case when features.is_shown then features.{{ figure }} end as {{ figure }},
        {%- endfor %}
        case
            when features.is_shown and features.rest_used_count > 0
                then
                    features.absolute_lift * features.rest_count
                    / cast(features.rest_used_count as double)
        end as relative_lift,
        cast('observational' as string) as evidence_type,
        data_through.data_through_date,
        quality.data_quality
    from features
    cross join quality
    cross join data_through
)

select * from final
