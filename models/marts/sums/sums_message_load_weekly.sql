{#-
    How many messages customers got in a week, and who of those who could turned something off
    in the next.
-#}
with sends as (
    select
        identifiers.customer_id,
        {{ week_start("sends.activity_date") }} as week_start_date,
        count(*) as message_count
    from {{ ref("fct_message_sends") }} as sends
    inner join {{ ref("dim_identifiers") }} as identifiers
        on sends.identifier_key = identifiers.identifier_key
    group by identifiers.customer_id, {{ week_start("sends.activity_date") }}
),

refusals as (
    select
        identifier_key,
        event_at
    from {{ ref("fct_preferences") }}
    where new_state = 'off'
    union all
    select
        identifier_key,
        event_at
    from {{ ref("fct_messages") }}
    where kind = 'unsubscribed'
),

first_refusals as (
    select
        identifiers.customer_id,
        {{ week_start(local_date("min(refusals.event_at)")) }} as refusal_week_start_date
    from refusals
    inner join {{ ref("dim_identifiers") }} as identifiers
        on refusals.identifier_key = identifiers.identifier_key
    group by identifiers.customer_id
),

addressees as (
    select
        sends.customer_id,
        min(sends.week_start_date) as first_week_start_date,
        max(customers.closed_at) as closed_at
    from sends
    left join {{ ref("dim_customers") }} as customers
        on sends.customer_id = customers.customer_id
    group by sends.customer_id
),

weeks as (
    select distinct {{ week_start("activity_date") }} as week_start_date
    from {{ ref("dim_dates") }}
),

-- Whoever has been written to before can be written to again: a week without a message counts as
-- one.
customer_weeks as (
    select
        addressees.customer_id,
        weeks.week_start_date,
        coalesce(sends.message_count, 0) as message_count,
        coalesce(
            first_refusals.refusal_week_start_date = {{ add_days("weeks.week_start_date", 7) }},
            false
        ) as has_refused
    from addressees
    inner join weeks
        on
            addressees.first_week_start_date <= weeks.week_start_date
            and (
                addressees.closed_at is null
                or {{ local_date("addressees.closed_at") }}
                >= {{ add_days("weeks.week_start_date", 7) }}
            )
    left join sends
        on
            addressees.customer_id = sends.customer_id
            and weeks.week_start_date = sends.week_start_date
    left join first_refusals
        on addressees.customer_id = first_refusals.customer_id
    where
        first_refusals.refusal_week_start_date is null
        or first_refusals.refusal_week_start_date > weeks.week_start_date
),

final as (
    select
        case
            when message_count <= 2 then cast(message_count as string)
            when message_count <= 4 then '3-4'
            when message_count <= 7 then '5-7'
            else '8+'
        end as messages_per_week_band,
        week_start_date,
        count(*) as customer_count,
        count(case when has_refused then 1 end) as refusal_count,
        cast(sum(message_count) as bigint) as message_count
    from customer_weeks
    group by all
)

select * from final
