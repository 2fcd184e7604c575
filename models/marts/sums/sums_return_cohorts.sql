{#- First-time users of a feature by week, and who of them came back on their own in days 7-13. -#}
with feature_events as (
    select
        identifiers.customer_id,
        events.feature_id,
        events.activity_date,
        events.is_use,
        events.session_origin
    from {{ ref("fct_feature_events") }} as events
    inner join {{ ref("dim_identifiers") }} as identifiers
        on events.identifier_key = identifiers.identifier_key
),

returns as (
    {{ feature_returns(
        ref("fct_feature_customers"), "feature_events", ref("fct_feature_states")
    ) }}
),

final as (
    select
        feature_id,
        cohort_week_start_date,
        count(*) as first_time_user_count,
        count(case when has_returned then 1 end) as returned_count
    from returns
    group by feature_id, cohort_week_start_date
)

select * from final
