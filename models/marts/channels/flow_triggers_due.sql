with owed as (
    select
        *,
        cast(abandoned_at + {{ var("flow_follow_up_hours") }} * interval '1' hour as timestamp)
            as deadline_at
    from {{ ref("sums_flow_abandonments") }}
    where
        follow_up <> 'generic'
        and reminded_at is null
        and recovered_at is null
        and abandoned_at <= {{ as_of() }}
        and abandoned_at + {{ var("flow_follow_up_hours") }} * interval '1' hour > {{ as_of() }}
),

choices as (
    select *
    from {{ ref("sums_follow_up_channels") }}
),

loads as (
    select
        customer_id,
        count(*) as message_count
    from {{ ref("fct_touches") }}
    where
        is_message
        and touched_at > {{ as_of() }} - interval '7' day
        and touched_at <= {{ as_of() }}
    group by customer_id
),

-- The bank's no to the person, or to the person for this product.
bars as (
    select
        customer_id,
        cast(null as string) as product_line
    from {{ ref("dim_kyc_states") }}
    where
        not is_approved
        and valid_from <= {{ as_of() }}
        and (valid_to is null or valid_to > {{ as_of() }})
    union distinct
    select
        states.customer_id,
        states.product_line
    from {{ ref("dim_eligibility_states") }} as states
    inner join {{ ref("eligibility_refusals") }} as refusal_reasons
        on states.reason = refusal_reasons.reason
    where
        states.valid_from <= {{ as_of() }}
        and (states.valid_to is null or states.valid_to > {{ as_of() }})
),

barred as (
    select distinct owed.flow_instance_id
    from owed
    inner join bars
        on owed.customer_id = bars.customer_id
    left join {{ ref("flow_steps") }} as steps
        on
            owed.flow_id = steps.flow_id
            and steps.step_number = 1
    where
        bars.product_line is null
        or bars.product_line = steps.product_line
),

reasons as (
    select
        owed.*,
        choices.channel,
        case
            when owed.follow_up = 'holdout' then 'holdout'
            when barred.flow_instance_id is not null then 'compliance'
            when choices.channel is null then 'no_consent'
            when loads.message_count >= {{ var("message_cap_per_week") }} then 'frequency_cap'
            when
                choices.is_interrupting
                and {{ is_in_quiet_hours(
                    minute_of_day(as_of(), "owed.timezone"),
                    var("quiet_hours_from") ~ " * 60",
                    var("quiet_hours_until") ~ " * 60",
                ) }}
                then 'quiet_hours'
        end as withheld_reason
    from owed
    left join choices
        on owed.customer_id = choices.customer_id
    left join barred
        on owed.flow_instance_id = barred.flow_instance_id
    left join loads
        on owed.customer_id = loads.customer_id
),

data_through as (
    {{ data_through(["events", "messages", "preferences"]) }}
),

degraded as (
    select count(*) as degraded_count
    from (
        {{ degraded_days(["events", "messages", "preferences", "assignments"]) }}
    ) as degraded_days
    where activity_date >= {{ add_days(as_of_date(), -1) }}
),

final as (
    select
        reasons.flow_instance_id,
        reasons.customer_id,
        reasons.flow_id,
        reasons.channel,
        cast(reasons.amount as decimal(18, 2)) as amount,
        reasons.currency_code,
        reasons.missing_step,
        reasons.abandoned_at,
        reasons.deadline_at,
        reasons.withheld_reason is null as is_due,
        reasons.withheld_reason,
        data_through.data_through_date,
        case when degraded.degraded_count = 0 then 'ok' else 'degraded' end as data_quality
    from reasons
    cross join data_through
    cross join degraded
)

select * from final
