{#- When a feature was first shown to a customer, first used and first turned off. -#}
with feature_events as (
    select
        identifiers.customer_id,
        events.feature_id,
        min(events.event_at) as first_exposed_at,
        min(case when events.is_use then events.event_at end) as first_used_at
    from {{ ref("fct_feature_events") }} as events
    inner join {{ ref("dim_identifiers") }} as identifiers
        on events.identifier_key = identifiers.identifier_key
    group by identifiers.customer_id, events.feature_id
),

opt_outs as (
    select
        customer_id,
        feature_id,
        min(valid_from) as first_opted_out_at
    from {{ ref("fct_feature_states") }}
    where not is_enabled
    group by customer_id, feature_id
),

final as (
    select
        feature_events.customer_id,
        feature_events.feature_id,
        feature_events.first_exposed_at,
        feature_events.first_used_at,
        opt_outs.first_opted_out_at
    from feature_events
    left join opt_outs
        on
            feature_events.customer_id = opt_outs.customer_id
            and feature_events.feature_id = opt_outs.feature_id
)

select * from final
