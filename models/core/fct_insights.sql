{#- One row per insight served, and what became of it within its window. -#}
with logged_decisions as (
    {{ logged_decisions() }}
),

decisions as (
    select *
    from logged_decisions
    where served_at is not null
),

courses as (
    select
        insight_id,
        min(identifier_key) as identifier_key,
        min(case when insight_role = 'served' then identifier_key end) as shown_identifier_key,
        min(feature_id) as feature_id,
        min(event_at) as first_at,
        min(case when insight_role = 'served' then event_at end) as served_at,
        min(case when insight_role = 'opened' then event_at end) as opened_at,
        min(case when insight_role = 'acted' then event_at end) as acted_at,
        min(case when insight_role = 'dismissed' then event_at end) as dismissed_at
    from {{ ref("fct_feature_events") }}
    where insight_id is not null
    group by insight_id
),

-- What somebody did with an insight proves that it was served, though the decision's row was lost.
served as (
    select
        coalesce(decisions.decision_id, courses.insight_id) as insight_id,
        coalesce(decisions.identifier_key, courses.identifier_key) as identifier_key,
        courses.shown_identifier_key,
        coalesce(decisions.feature_id, courses.feature_id) as feature_id,
        coalesce(decisions.model_version, 'none') as model_version,
        coalesce(decisions.model_behaviour, 'none') as model_behaviour,
        coalesce(decisions.insight_category, 'none') as insight_category,
        coalesce(decisions.reason_shown, false) as has_reason_shown,
        decisions.content_id,
        decisions.decision_id,
        decisions.linked_task_id,
        decisions.goal_id,
        coalesce(decisions.served_at, courses.served_at, courses.first_at) as served_at,
        courses.opened_at,
        courses.acted_at,
        courses.dismissed_at
    from decisions
    full outer join courses
        on decisions.decision_id = courses.insight_id
),

windows as (
    select
        *,
        {{ local_date("served_at") }} as served_date,
        served_at + interval '{{ var("insight_window_days") }}' day as window_ends_at
    from served
),

final as (
    select
        insight_id,
        identifier_key,
        shown_identifier_key,
        feature_id,
        model_version,
        model_behaviour,
        insight_category,
        has_reason_shown,
        content_id,
        decision_id,
        linked_task_id,
        goal_id,
        served_at,
        served_date,
        case when opened_at < window_ends_at then opened_at end as opened_at,
        case when acted_at < window_ends_at then acted_at end as acted_at,
        case when dismissed_at < window_ends_at then dismissed_at end as dismissed_at,
        case
            when not {{ is_mature(add_days("served_date", var("insight_window_days") + 1)) }}
                then null
            when acted_at < window_ends_at then 'acted'
            when dismissed_at < window_ends_at then 'dismissed'
            else 'ignored'
        end as outcome
    from windows
)

select * from final
