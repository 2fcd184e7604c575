{#- What was owed to whoever gave up a flow, what they got, and whether they came back. -#}
with flows as (
    select
        instances.*,
        identifiers.customer_id
    from {{ ref("fct_flow_instances") }} as instances
    inner join {{ ref("dim_identifiers") }} as identifiers
        on instances.identifier_key = identifiers.identifier_key
),

abandonments as (
    select *
    from flows
    where abandoned_at is not null
),

-- Whoever finishes the flow in another run has come back as much as in the same.
recoveries as (
    select
        abandonments.flow_instance_id,
        min(completions.completed_at) as recovered_at
    from abandonments
    inner join flows as completions
        on
            abandonments.customer_id = completions.customer_id
            and abandonments.flow_id = completions.flow_id
            and abandonments.abandoned_at < completions.completed_at
    group by abandonments.flow_instance_id
),

-- The lot was drawn before: what is sent later, or not, to whoever is back by then, changes
-- nobody's group.
assignments as (
    select
        identifiers.customer_id,
        follow_ups.flow_id,
        assignments.assigned_at,
        follow_ups.follow_up
    from {{ ref("fct_assignments") }} as assignments
    inner join {{ ref("flow_follow_ups") }} as follow_ups
        on
            assignments.experiment_id = follow_ups.experiment_id
            and assignments.variation_id = follow_ups.variation_id
    inner join {{ ref("dim_identifiers") }} as identifiers
        on assignments.identifier_key = identifiers.identifier_key
),

arms as (
    select
        customer_id,
        flow_id,
        min(assigned_at) as assigned_at,
        min(follow_up) as follow_up
    from assignments
    group by customer_id, flow_id
    having count(distinct follow_up) = 1
),

reminding_channels as (
    select
        channel,
        count(*) over () as channel_count
    from {{ ref("message_channels") }}
    where follow_up_rank is not null
),

-- Turned off as a whole, or over every channel that a reminder could take.
refusals as (
    select
        abandonments.flow_instance_id,
        bool_or(channels.channel is null)
        or count(distinct channels.channel) = max(channels.channel_count) as is_refused
    from abandonments
    inner join {{ ref("dim_consent_states") }} as consents
        on
            abandonments.customer_id = consents.customer_id
            and abandonments.abandoned_at >= consents.valid_from
            and (abandonments.abandoned_at < consents.valid_to or consents.valid_to is null)
            and not consents.is_granted
            and consents.consent_scope in ('global', 'channel')
    left join reminding_channels as channels
        on consents.consent_key = channels.channel
    where
        consents.consent_key = 'all'
        or channels.channel is not null
    group by abandonments.flow_instance_id
),

reminders as (
    select
        sends.flow_instance_id,
        sends.sent_at,
        sends.rendered_amount,
        sends.rendered_step
    from {{ ref("fct_message_sends") }} as sends
    inner join abandonments
        on
            sends.flow_instance_id = abandonments.flow_instance_id
            and sends.sent_at >= abandonments.abandoned_at
    qualify
        row_number() over (
            partition by sends.flow_instance_id
            order by sends.sent_at asc, sends.row_id asc
        ) = 1
),

final as (
    select
        abandonments.flow_instance_id,
        abandonments.customer_id,
        abandonments.flow_id,
        abandonments.amount,
        abandonments.currency_code,
        abandonments.timezone,
        missing_steps.flow_step as missing_step,
        abandonments.abandoned_at,
        {{ week_start(local_date("abandonments.abandoned_at")) }} as week_start_date,
        abandonments.has_complete_context,
        coalesce(arms.follow_up, 'none') as follow_up,
        coalesce(refusals.is_refused, false) as is_refused,
        recoveries.recovered_at,
        reminders.sent_at as reminded_at,
        reminders.rendered_amount,
        reminders.rendered_step
    from abandonments
    left join recoveries
        on abandonments.flow_instance_id = recoveries.flow_instance_id
    left join arms
        on
            abandonments.customer_id = arms.customer_id
            and abandonments.flow_id = arms.flow_id
            and abandonments.abandoned_at > arms.assigned_at
    left join refusals
        on abandonments.flow_instance_id = refusals.flow_instance_id
    left join reminders
        on abandonments.flow_instance_id = reminders.flow_instance_id
    left join {{ ref("flow_steps") }} as last_steps
        on
            abandonments.flow_id = last_steps.flow_id
            and abandonments.last_step = last_steps.flow_step
    left join {{ ref("flow_steps") }} as missing_steps
        on
            abandonments.flow_id = missing_steps.flow_id
            and coalesce(last_steps.step_number, 0) + 1 = missing_steps.step_number
            and (abandonments.last_step is null or last_steps.step_number is not null)
)

select * from final
