{#- What was true when each decision was served: not what is true today. -#}
with logged_decisions as (
    {{ logged_decisions() }}
),

served as (
    select
        decisions.*,
        identifiers.customer_id,
        {{ local_date("decisions.served_at") }} as served_date
    from logged_decisions as decisions
    inner join {{ ref("dim_identifiers") }} as identifiers
        on decisions.identifier_key = identifiers.identifier_key
    where decisions.served_at is not null
),

kyc_history as (
    select min(valid_from) as began_at
    from {{ ref("dim_kyc_states") }}
),

final as (
    select
        served.decision_id,
        served.customer_id,
        served.feature_id,
        served.model_version,
        served.model_behaviour,
        served.insight_category,
        served.channel,
        served.offer_id,
        served.content_id,
        served.score,
        served.score_threshold,
        served.features_used,
        served.asserted_lifecycle_stage,
        served.filter_ran,
        served.filter_result,
        coalesce(served.reason_shown, false) as has_reason_shown,
        served.served_at,
        served.served_date,
        {{ microseconds_between("served.snapshot_at", "served.served_at") }}
        > served.snapshot_ttl_seconds * 1000000 as is_snapshot_stale,
        -- Who signed up before the vendor's first word was verified before it, out of our sight.
        coalesce(kyc.answer is not null or records.signed_up_at >= kyc_history.began_at, false)
            as is_kyc_answer_known,
        coalesce(kyc.is_approved, false) as is_kyc_approved,
        kyc.sanctions,
        kyc.aml_state,
        kyc.jurisdiction,
        kyc.product_scope,
        records.ended_at <= served.served_at as is_record_ended,
        coalesce(records.lifecycle_stage, nullif(stages.segment_value, 'unknown'))
            as lifecycle_stage,
        coalesce(records.risk_segment, nullif(risks.segment_value, 'unknown')) as risk_segment,
        content.topic,
        content.risk_level,
        coalesce(features.is_enabled, true) is false
        or coalesce(channels.is_granted, true) is false as is_opted_out
    from served
    cross join kyc_history
    left join {{ ref("dim_kyc_states") }} as kyc
        on
            served.customer_id = kyc.customer_id
            and {{ holds_at("kyc", "served.served_at") }}
    left join {{ ref("dim_record_states") }} as records
        on
            served.identifier_key = records.identifier_key
            and {{ holds_at("records", "served.served_at") }}
    left join {{ ref("fct_customer_segments") }} as stages
        on
            served.customer_id = stages.customer_id
            and stages.segment_type = 'lifecycle_stage'
            and {{ holds_at("stages", "served.served_at") }}
    left join {{ ref("fct_customer_segments") }} as risks
        on
            served.customer_id = risks.customer_id
            and risks.segment_type = 'risk_segment'
            and {{ holds_at("risks", "served.served_at") }}
    left join {{ ref("fct_content") }} as content
        on served.content_id = content.content_id
    left join {{ ref("fct_feature_states") }} as features
        on
            served.customer_id = features.customer_id
            and served.feature_id = features.feature_id
            and {{ holds_at("features", "served.served_at") }}
    left join {{ ref("dim_consent_states") }} as channels
        on
            served.customer_id = channels.customer_id
            and channels.consent_scope = 'channel'
            and served.channel = channels.consent_key
            and {{ holds_at("channels", "served.served_at") }}
)

select * from final
