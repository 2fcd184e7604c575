{#- Per feature and week of creation: how long tickets waited for a reply, and to be solved. -#}
with tickets as (
    select
        coalesce(feature_id, 'none') as feature_id,
        {{ week_start("activity_date") }} as week_start_date,
        source_name,
        ticket_id,
        case
            when {{ in_support_window("first_reply_at", "created_at") }}
                then {{ microseconds_between("created_at", "first_reply_at") }}
        end as reply_microseconds,
        case
            when {{ in_support_window("solved_at", "created_at") }}
                then {{ microseconds_between("created_at", "solved_at") }}
        end as resolution_microseconds
    from {{ ref("fct_tickets") }}
),

-- Who waits longest stands last, who waits still even behind them.
ordered_tickets as (
    select
        *,
        count(*) over (partition by feature_id, week_start_date) as ticket_count,
        row_number() over (
            partition by feature_id, week_start_date
            order by reply_microseconds asc nulls last, source_name asc, ticket_id asc
        ) as reply_position,
        row_number() over (
            partition by feature_id, week_start_date
            order by resolution_microseconds asc nulls last, source_name asc, ticket_id asc
        ) as resolution_position
    from tickets
),

final as (
    select
        feature_id,
        week_start_date,
        count(reply_microseconds) as replied_count,
        {{ hours_at(0.5, "reply_microseconds", "reply_position", "ticket_count") }}
            as first_reply_hours_p50,
        {{ hours_at(0.95, "reply_microseconds", "reply_position", "ticket_count") }}
            as first_reply_hours_p95,
        {{ hours_at(0.5, "resolution_microseconds", "resolution_position", "ticket_count") }}
            as resolution_hours_p50,
        {{ hours_at(0.95, "resolution_microseconds", "resolution_position", "ticket_count") }}
            as resolution_hours_p95
    from ordered_tickets
    group by feature_id, week_start_date
)

select * from final
