{#- What can be said against each sent message, and for it. -#}
with sends as (
    select
        sends.*,
        identifiers.customer_id,
        {{ minute_of_day("sends.sent_at", "sends.timezone") }} as sent_minute,
        lag(sends.sent_at) over (
            partition by identifiers.customer_id
            order by sends.sent_at asc, sends.row_id asc
        ) as previous_sent_at
    from {{ ref("fct_message_sends") }} as sends
    inner join {{ ref("dim_identifiers") }} as identifiers
        on sends.identifier_key = identifiers.identifier_key
),

goals as (
    select
        decisions.decision_id,
        min(goals.reached_at) as reached_at
    from {{ ref("fct_decisions") }} as decisions
    inner join {{ ref("fct_goals") }} as goals
        on decisions.goal_id = goals.goal_id
    group by decisions.decision_id
),

flows as (
    select
        instances.flow_instance_id,
        instances.completed_at,
        last_steps.step_number as last_step_number,
        instances.flow_id,
        instances.last_step,
        abandonments.recovered_at
    from {{ ref("fct_flow_instances") }} as instances
    left join {{ ref("sums_flow_abandonments") }} as abandonments
        on instances.flow_instance_id = abandonments.flow_instance_id
    left join {{ ref("flow_steps") }} as last_steps
        on
            instances.flow_id = last_steps.flow_id
            and instances.last_step = last_steps.flow_step
),

judged as (
    select
        sends.row_id,
        sends.customer_id,
        sends.channel,
        sends.campaign_id,
        {{ week_start("sends.activity_date") }} as week_start_date,
        coalesce(
            {{ microseconds_between("sends.previous_sent_at", "sends.sent_at") }}
            < campaigns.min_gap_seconds * 1000000,
            false
        ) as is_too_soon,
        coalesce(channels.is_interrupting, false)
        and {{ is_in_quiet_hours(
            "sends.sent_minute",
            "coalesce(campaigns.quiet_from_minute, " ~ var("quiet_hours_from") ~ " * 60)",
            "coalesce(campaigns.quiet_until_minute, " ~ var("quiet_hours_until") ~ " * 60)",
        ) }} as is_in_quiet_hours,
        coalesce(
            least(goals.reached_at, flows.completed_at, flows.recovered_at) < sends.sent_at, false
        ) as is_after_goal,
        sends.coordination_id is not null as is_coordinated,
        sends.rendered_step is not null and flows.flow_instance_id is not null as names_a_step,
        coalesce(
            flows.recovered_at < sends.sent_at
            or coalesce(
                rendered_steps.step_number <= flows.last_step_number,
                sends.rendered_step = flows.last_step
            ),
            false
        ) as has_lost_context,
        coalesce(
            sends.triggered_at <= sends.sent_at
            and {{ microseconds_between("sends.triggered_at", "sends.sent_at") }}
            <= cast({{ var("realtime_hours") }} as bigint) * 3600000000,
            false
        ) as is_realtime
    from sends
    left join {{ ref("dim_campaigns") }} as campaigns
        on sends.campaign_id = campaigns.campaign_id
    left join {{ ref("message_channels") }} as channels
        on sends.channel = channels.channel
    left join goals
        on sends.decision_id = goals.decision_id
    left join flows
        on sends.flow_instance_id = flows.flow_instance_id
    left join {{ ref("flow_steps") }} as rendered_steps
        on
            flows.flow_id = rendered_steps.flow_id
            and sends.rendered_step = rendered_steps.flow_step
),

final as (
    select
        *,
        is_too_soon or is_in_quiet_hours or is_after_goal as is_out_of_sync
    from judged
)

select * from final
