{#-
    Served decisions of each customer's week, by what was wrong; a decision counts once in a
    rate.
-#}
{%- set kinds = [
    "ineligible", "wrong_customer", "stale_snapshot", "after_opt_out", "already_owned",
    "wrong_lifecycle_stage", "riskier_content", "not_relevant", "quick_dismissal",
    "rule_fault", "perceived_irrelevant", "topic_matched", "risk_matched",
] -%}
with flags as (
    select
        *,
        {{ week_start("served_date") }} as week_start_date,
        is_rule_fault or is_perceived_irrelevant as is_false_target,
        coalesce(score < score_threshold + {{ var("score_margin") }}, false) as is_near_threshold
    from {{ ref("sums_targeting_flags") }}
),

final as (
    select
        feature_id,
        model_behaviour,
        week_start_date,
        customer_id,
        count(*) as served_count,
        count(case when is_false_target then 1 end) as false_target_count,
        count(case when is_near_threshold then 1 end) as near_threshold_count,
        count(case when is_near_threshold and is_false_target then 1 end)
            as near_threshold_false_target_count,
        {%- for kind in kinds %}
        count(case when is_{{ kind }} then 1 end) as {{ kind }}_count,
        {%- endfor %}
        count(is_topic_matched) as topic_known_count,
        count(is_risk_matched) as risk_known_count,
        min(score_threshold) as score_threshold_min,
        max(score_threshold) as score_threshold_max
    from flags
    group by feature_id, model_behaviour, week_start_date, customer_id
)

select * from final
