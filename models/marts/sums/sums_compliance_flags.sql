{#-
    Each served decision with the compliance rules it broke, by what was true when it was served. A flag is NULL where
    that is not known, or where the rule does not apply to the decision.
-#}
with offered as (
    select
        states.*,
        products.product_line
    from {{ ref("fct_decision_states") }} as states
    -- An insight about a product is no offer of it.
    left join {{ ref("topic_product_lines") }} as products
        on
            coalesce(states.topic, states.insight_category) = products.topic
            and states.offer_id is not null
),

permitted_products as (
    select distinct product_line
    from {{ ref("product_permits") }}
),

permitted_jurisdictions as (
    select distinct
        product_line,
        jurisdiction
    from {{ ref("product_permits") }}
),

-- Of what the bank says nothing of anybody it does not decide who is eligible.
judged_products as (
    select distinct product_line
    from {{ ref("dim_eligibility_states") }}
),

sensitive_uses as (
    select
        offered.decision_id,
        count(case when not coalesce(permissions.is_granted, false) then 1 end)
            as unpermitted_count
    from offered
    inner join {{ ref("sensitive_attributes") }} as attributes
        on lower(cast(offered.features_used as string)) like '%"' || attributes.attribute || '"%'
    left join {{ ref("dim_consent_states") }} as permissions
        on
            offered.customer_id = permissions.customer_id
            and permissions.consent_scope = 'permission'
            and attributes.permission_scope = permissions.consent_key
            and {{ holds_at("permissions", "offered.served_at") }}
    group by offered.decision_id
),

approvals as (
    select
        decision_id,
        min(case when review_status = 'approved' then reviewed_at end) as approved_at
    from {{ ref("fct_decision_reviews") }}
    group by decision_id
),

final as (
    select
        offered.decision_id,
        offered.customer_id,
        offered.product_line,
        offered.served_date,
        sensitive_uses.decision_id is not null as has_sensitive_data,
        offered.sanctions = 'hit' as is_sanctions_hit,
        case when offered.is_kyc_answer_known then not offered.is_kyc_approved end
            as is_kyc_not_approved,
        case
            when permitted_products.product_line is not null and offered.jurisdiction is not null
                then permitted_jurisdictions.jurisdiction is null
        end as is_jurisdiction_not_permitted,
        sensitive_uses.unpermitted_count > 0 as is_sensitive_data_without_consent,
        offered.is_opted_out as is_consent_withdrawn,
        case
            when judged_products.product_line is not null
                then eligibility.customer_id is null or refusals.reason is not null
        end as is_ineligible_product,
        case
            when
                permitted_jurisdictions.jurisdiction is not null
                and offered.product_scope is not null
                then permits.product_scope is null
        end as is_scope_not_permitted,
        offered.aml_state <> 'clear' as is_aml_not_clear,
        offered.filter_result = 'blocked' as is_blocked_by_filter,
        case
            when offered.filter_result = 'review'
                then coalesce(approvals.approved_at > offered.served_at, true)
        end as is_review_not_awaited,
        not offered.filter_ran as is_filter_not_run
    from offered
    left join permitted_products
        on offered.product_line = permitted_products.product_line
    left join permitted_jurisdictions
        on
            offered.product_line = permitted_jurisdictions.product_line
            and offered.jurisdiction = permitted_jurisdictions.jurisdiction
    left join {{ ref("product_permits") }} as permits
        on
            offered.product_line = permits.product_line
            and offered.jurisdiction = permits.jurisdiction
            and offered.product_scope = permits.product_scope
    left join judged_products
        on offered.product_line = judged_products.product_line
    left join {{ ref("dim_eligibility_states") }} as eligibility
        on
            offered.customer_id = eligibility.customer_id
            and offered.product_line = eligibility.product_line
            and {{ holds_at("eligibility", "offered.served_at") }}
    left join {{ ref("eligibility_refusals") }} as refusals
        on eligibility.reason = refusals.reason
    left join sensitive_uses
        on offered.decision_id = sensitive_uses.decision_id
    left join approvals
        on offered.decision_id = approvals.decision_id
)

select * from final
