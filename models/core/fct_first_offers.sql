{#- The first time a feature was offered to a customer, and when it was first taken up after it. -#}
with offers as (
    select
        identifier_key,
        feature_id,
        event_at as offered_at
    from {{ ref("fct_events") }}
    where event_role = 'opt_in_offer'
    union all
    select
        identifier_key,
        feature_id,
        coalesce(offered_at, event_at) as offered_at
    from {{ ref("fct_offers_to_opt_in") }}
),

first_offers as (
    select
        identifiers.customer_id,
        offers.feature_id,
        min(offers.offered_at) as offered_at
    from offers
    inner join {{ ref("dim_identifiers") }} as identifiers
        on offers.identifier_key = identifiers.identifier_key
    where offers.feature_id is not null
    group by identifiers.customer_id, offers.feature_id
),

answers as (
    select
        identifier_key,
        feature_id,
        outcome,
        event_at as answered_at
    from {{ ref("fct_events") }}
    where event_role = 'opt_in_answer'
    union all
    select
        identifier_key,
        feature_id,
        outcome,
        outcome_at as answered_at
    from {{ ref("fct_offers_to_opt_in") }}
),

opt_ins as (
    select
        identifiers.customer_id,
        answers.feature_id,
        answers.answered_at
    from answers
    inner join {{ ref("dim_identifiers") }} as identifiers
        on answers.identifier_key = identifiers.identifier_key
    where lower(answers.outcome) in ('granted', 'accepted')
),

final as (
    select
        first_offers.customer_id,
        first_offers.feature_id,
        first_offers.offered_at,
        {{ local_date("first_offers.offered_at") }} as offered_date,
        min(opt_ins.answered_at) as opted_in_at
    from first_offers
    left join opt_ins
        on
            first_offers.customer_id = opt_ins.customer_id
            and first_offers.feature_id = opt_ins.feature_id
            and first_offers.offered_at <= opt_ins.answered_at
    group by all
)

select * from final
