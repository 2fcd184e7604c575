{#- What filter, people and consent did with each customer's candidates of a week. -#}
with candidates as (
    {{ logged_decisions() }}
),

-- The last word of people on a decision.
reviews as (
    select
        decision_id,
        review_status
    from {{ ref("fct_decision_reviews") }}
    where
        review_status in ('approved', 'rejected')
        and reviewed_at is not null
    qualify
        row_number() over (
            partition by decision_id
            order by reviewed_at desc, review_id desc
        ) = 1
),

final as (
    select
        identifiers.customer_id,
        {{ week_start(local_date("candidates.decided_at")) }} as week_start_date,
        count(*) as candidate_count,
        count(case when candidates.filter_result = 'blocked' then 1 end) as blocked_count,
        count(case when not candidates.filter_ran then 1 end) as unfiltered_count,
        count(reviews.decision_id) as reviewed_count,
        -- Passed on or let through by the machine and rejected by people, or blocked and approved.
        count(
            case
                when
                    reviews.review_status
                    = case
                        when candidates.filter_result = 'blocked' then 'approved' else 'rejected'
                    end
                    then 1
            end
        ) as overturned_count,
        count(served.decision_id) as served_count,
        count(
            case
                when served.decision_id is not null and coalesce(candidates.reason_shown, false)
                    then 1
            end
        ) as reason_shown_count,
        count(case when served.has_sensitive_data then 1 end) as sensitive_count,
        count(case when served.is_sensitive_data_without_consent then 1 end) as unpermitted_count
    from candidates
    inner join {{ ref("dim_identifiers") }} as identifiers
        on candidates.identifier_key = identifiers.identifier_key
    left join reviews
        on candidates.decision_id = reviews.decision_id
    left join {{ ref("sums_compliance_flags") }} as served
        on candidates.decision_id = served.decision_id
    group by identifiers.customer_id, {{ week_start(local_date("candidates.decided_at")) }}
)

select * from final
