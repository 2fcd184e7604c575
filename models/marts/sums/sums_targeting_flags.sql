{#-
    Each served decision with what was wrong with its target, by what was true when it was served. A flag is NULL where
    that is not known, or where it does not apply to the decision.
-#}
with irrelevant as (
    select distinct coalesce(feedback.decision_id, feedback.insight_id) as decision_id
    from {{ ref("fct_feedback") }} as feedback
    where replace(lower(trim(feedback.answer)), ' ', '_') = 'not_relevant'
),

courses as (
    select
        insights.decision_id,
        shown_to.customer_id as shown_customer_id,
        insights.dismissed_at >= insights.opened_at
        and {{ microseconds_between("insights.opened_at", "insights.dismissed_at") }}
        <= {{ var("frustrated_dismiss_seconds") }} * 1000000 as is_quick_dismissal
    from {{ ref("fct_insights") }} as insights
    -- A device may be anybody's: only a login says who was shown it.
    left join {{ ref("dim_identifiers") }} as shown_to
        on
            insights.shown_identifier_key = shown_to.identifier_key
            and shown_to.identifier_type in ('customer_ref', 'account_id', 'user_id')
),

flags as (
    select
        states.decision_id,
        states.customer_id,
        states.feature_id,
        coalesce(states.model_behaviour, 'none') as model_behaviour,
        states.served_date,
        states.score,
        states.score_threshold,
        compliance.is_ineligible_product as is_ineligible,
        coalesce(states.is_record_ended, false)
        or coalesce(courses.shown_customer_id <> states.customer_id, false) as is_wrong_customer,
        states.is_snapshot_stale as is_stale_snapshot,
        states.is_opted_out as is_after_opt_out,
        case when compliance.product_line is not null then owned.customer_id is not null end
            as is_already_owned,
        states.asserted_lifecycle_stage <> states.lifecycle_stage as is_wrong_lifecycle_stage,
        {{ risk_rank("states.risk_level") }} > {{ risk_rank("states.risk_segment") }}
            as is_riskier_content,
        irrelevant.decision_id is not null as is_not_relevant,
        coalesce(courses.is_quick_dismissal, false) as is_quick_dismissal,
        states.topic = states.insight_category as is_topic_matched,
        states.risk_level = states.risk_segment as is_risk_matched
    from {{ ref("fct_decision_states") }} as states
    inner join {{ ref("sums_compliance_flags") }} as compliance
        on states.decision_id = compliance.decision_id
    left join {{ ref("fct_customer_segments") }} as owned
        on
            states.customer_id = owned.customer_id
            and owned.segment_type = 'product_line'
            and compliance.product_line = owned.segment_value
            and {{ holds_at("owned", "states.served_at") }}
    left join irrelevant
        on states.decision_id = irrelevant.decision_id
    left join courses
        on states.decision_id = courses.decision_id
),

final as (
    select
        *,
        coalesce(is_ineligible, false)
        or is_wrong_customer
        or coalesce(is_stale_snapshot, false)
        or is_after_opt_out
        or coalesce(is_already_owned, false)
        or coalesce(is_wrong_lifecycle_stage, false)
        or coalesce(is_riskier_content, false) as is_rule_fault,
        is_not_relevant or is_quick_dismissal as is_perceived_irrelevant
    from flags
)

select * from final
