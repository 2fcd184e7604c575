{#- One row per customer, channel and week: messages, and what is to be said of them. -#}
with final as (
    select
        customer_id,
        channel,
        week_start_date,
        count(*) as send_count,
        count(case when is_out_of_sync then 1 end) as out_of_sync_count,
        count(case when is_too_soon then 1 end) as too_soon_count,
        count(case when is_in_quiet_hours then 1 end) as quiet_hours_count,
        count(case when is_after_goal then 1 end) as after_goal_count,
        count(case when is_coordinated then 1 end) as coordinated_count,
        count(case when names_a_step then 1 end) as named_step_count,
        count(case when names_a_step and has_lost_context then 1 end) as lost_context_count,
        count(case when is_realtime then 1 end) as realtime_count
    from {{ ref("sums_message_flags") }}
    group by customer_id, channel, week_start_date
)

select * from final
