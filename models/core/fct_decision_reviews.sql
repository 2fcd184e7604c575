{#- What people said of decisions: in a log of reviews, or in the log of decisions itself. -#}
with reviews as (
    {{ kept("decision_reviews", [
        "review_id", "decision_id", "requested_at", "reviewed_at", "review_status", "reason",
    ]) }}
),

final as (
    select
        review_id,
        decision_id,
        requested_at,
        reviewed_at,
        lower(review_status) as review_status,
        reason
    from reviews
    union all
    select
        'decision ' || decision_id as review_id,
        decision_id,
        decided_at as requested_at,
        reviewed_at,
        lower(review_status) as review_status,
        cast(null as string) as reason
    from {{ ref("fct_decisions") }}
    where review_status is not null
)

select * from final
