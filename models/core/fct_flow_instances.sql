{#- Each run through a flow: how far it came, and whether it was given up. -#}
with flow_events as (
    select
        events.row_id,
        events.identifier_key,
        identifiers.customer_id,
        events.event_at,
        events.flow_id,
        events.flow_instance_id,
        events.flow_step,
        events.amount,
        events.currency_code,
        min(case when events.is_flow_completion then events.event_at end) over (
            partition by events.flow_instance_id
        ) as completed_at,
        lead(events.event_at) over (
            partition by events.flow_instance_id
            order by events.event_at asc, events.row_id asc
        ) as next_at
    from {{ ref("fct_events") }} as events
    inner join {{ ref("dim_identifiers") }} as identifiers
        on events.identifier_key = identifiers.identifier_key
    where
        events.flow_id is not null
        and events.flow_instance_id is not null
),

-- What comes after the completion belongs to no attempt any more.
attempts as (
    select
        *,
        completed_at is null or event_at < completed_at as is_before_completion,
        {{ microseconds_between("event_at", "coalesce(next_at, " ~ as_of() ~ ")") }}
        >= cast({{ var("flow_idle_minutes") }} as bigint) * 60000000 as is_followed_by_idleness
    from flow_events
    where
        completed_at is null
        or event_at <= completed_at
),

-- Given up once: at the first idleness, whatever is resumed later.
idle as (
    select
        *,
        min(
            case when is_before_completion and is_followed_by_idleness then event_at end
        ) over (partition by flow_instance_id) as idle_from
    from attempts
),

-- The newest knowledge of each kind, at the idleness if there was one.
ranked as (
    select
        *,
        row_number() over (
            partition by flow_instance_id
            order by event_at asc, row_id asc
        ) as event_number,
        row_number() over (
            partition by flow_instance_id, is_known, flow_step is not null
            order by event_at desc, row_id desc
        ) as step_rank,
        row_number() over (
            partition by flow_instance_id, is_known, amount is not null
            order by event_at desc, row_id desc
        ) as amount_rank,
        row_number() over (
            partition by flow_instance_id, is_known
            order by event_at desc, row_id desc
        ) as known_rank
    from (
        select
            *,
            idle_from is null or event_at <= idle_from as is_known
        from idle
    ) as known_events
),

instances as (
    select
        flow_instance_id,
        max(case when event_number = 1 then flow_id end) as flow_id,
        max(case when is_known and known_rank = 1 then identifier_key end) as identifier_key,
        max(case when is_known and known_rank = 1 then customer_id end) as customer_id,
        max(case when is_known and step_rank = 1 then flow_step end) as last_step,
        max(case when is_known and amount_rank = 1 then amount end) as amount,
        max(case when is_known and amount_rank = 1 and amount is not null then currency_code end)
            as currency_code,
        min(event_at) as started_at,
        min(completed_at) as completed_at,
        min(idle_from) as idle_from
    from ranked
    group by flow_instance_id
),

zones as (
    select distinct standard_value as timezone
    from {{ ref("hygiene_standard_values") }}
    where field = 'timezone'
),

final as (
    select
        instances.flow_instance_id,
        instances.flow_id,
        instances.identifier_key,
        instances.last_step,
        case when instances.idle_from is not null then instances.last_step end as abandoned_step,
        instances.amount,
        instances.currency_code,
        coalesce(zones.timezone, '{{ var("timezone") }}') as timezone,
        instances.started_at,
        instances.completed_at,
        cast(
            instances.idle_from + {{ var("flow_idle_minutes") }} * interval '1' minute as timestamp
        ) as abandoned_at,
        instances.amount is not null
        and instances.last_step is not null
        and zones.timezone is not null as has_complete_context
    from instances
    left join {{ ref("dim_customers") }} as customers
        on instances.customer_id = customers.customer_id
    left join zones
        on customers.timezone = zones.timezone
)

select * from final
