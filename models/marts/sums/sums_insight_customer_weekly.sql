{#-
    One row per customer, feature, model behaviour and week: insights served, what became of them, of the tasks they
    proposed and of the flows that the customer had given up before.
-#}
{%- set outcomes = ["acted", "dismissed", "ignored"] -%}
with insights as (
    select
        insights.insight_id,
        identifiers.customer_id,
        insights.feature_id,
        insights.model_version,
        insights.model_behaviour,
        insights.has_reason_shown,
        {{ week_start("insights.served_date") }} as week_start_date,
        insights.linked_task_id,
        insights.served_at,
        insights.opened_at is not null as is_opened,
        insights.outcome
    from {{ ref("fct_insights") }} as insights
    inner join {{ ref("dim_identifiers") }} as identifiers
        on insights.identifier_key = identifiers.identifier_key
),

tasks as (
    select
        task_id,
        min(event_at) as done_at
    from {{ ref("fct_events") }}
    where event_role = 'task_done'
    group by task_id
),

-- What had been given up not long before, and was still open when the insight was served.
resumptions as (
    select
        insights.insight_id,
        bool_or(coalesce(
            abandonments.recovered_at
            < insights.served_at + interval '{{ var("resumption_window_days") }}' day,
            false
        )) as is_resumed
    from insights
    inner join {{ ref("sums_flow_abandonments") }} as abandonments
        on
            insights.customer_id = abandonments.customer_id
            and insights.served_at >= abandonments.abandoned_at
            and insights.served_at
            < abandonments.abandoned_at + interval '{{ var("resumption_window_days") }}' day
            and (
                abandonments.recovered_at is null
                or insights.served_at < abandonments.recovered_at
            )
    group by insights.insight_id
),

followed as (
    select
        insights.*,
        -- A task that was done already is none to be solved.
        insights.linked_task_id is not null
        and coalesce(tasks.done_at >= insights.served_at, true) as has_task,
        coalesce(
            tasks.done_at >= insights.served_at
            and tasks.done_at
            < insights.served_at + interval '{{ var("task_window_days") }}' day,
            false
        ) as is_solved,
        resumptions.insight_id is not null as has_abandonment,
        coalesce(resumptions.is_resumed, false) as is_resumed
    from insights
    left join tasks
        on insights.linked_task_id = tasks.task_id
    left join resumptions
        on insights.insight_id = resumptions.insight_id
),

final as (
    select
        customer_id,
        feature_id,
        model_version,
        model_behaviour,
        has_reason_shown,
        week_start_date,
        count(*) as served_count,
        count(case when is_opened then 1 end) as opened_count,
        {%- for outcome in outcomes %}
        count(case when outcome = '{{ outcome }}' then 1 end) as {{ outcome }}_count,
        count(case when is_opened and outcome = '{{ outcome }}' then 1 end)
            as opened_{{ outcome }}_count,
        {%- endfor %}
        count(case when has_task then 1 end) as task_count,
        count(case when is_solved then 1 end) as solved_count,
        count(case when has_abandonment then 1 end) as abandonment_count,
        count(case when is_resumed then 1 end) as resumed_count
    from followed
    group by
        customer_id, feature_id, model_version, model_behaviour, has_reason_shown, week_start_date
)

select * from final
