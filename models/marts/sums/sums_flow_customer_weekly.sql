{#- One row per customer, flow, follow-up and week of abandonment. -#}
with abandonments as (
    select
        *,
        cast(abandoned_at + {{ var("flow_follow_up_hours") }} * interval '1' hour as timestamp)
            as deadline_at,
        cast(abandoned_at + {{ var("flow_recovery_days") }} * interval '1' day as timestamp)
            as recovery_ends_at
    from {{ ref("sums_flow_abandonments") }}
),

judged as (
    select
        *,
        recovered_at <= recovery_ends_at as is_recovered,
        reminded_at is not null and reminded_at <= deadline_at as is_reminded_in_time,
        -- Whoever was back before anything was due is owed nothing; whoever got it in time was.
        follow_up <> 'holdout'
        and not is_refused
        and (
            reminded_at <= deadline_at
            or coalesce(recovered_at > deadline_at, true)
        ) as is_eligible,
        rendered_amount = amount and rendered_step = missing_step as is_specific
    from abandonments
),

final as (
    select
        customer_id,
        flow_id,
        follow_up,
        week_start_date,
        count(*) as abandonment_count,
        count(case when is_recovered then 1 end) as recovered_count,
        count(case when has_complete_context then 1 end) as complete_context_count,
        count(case when is_eligible then 1 end) as eligible_count,
        count(case when is_eligible and is_reminded_in_time then 1 end) as triggered_in_time_count,
        count(reminded_at) as reminded_count,
        count(case when is_specific then 1 end) as specific_message_count
    from judged
    group by customer_id, flow_id, follow_up, week_start_date
)

select * from final
