{#-
    Customers seen on day 30 or later, whose days 84 to 90 are over: by how many channels they were written to in
    their first thirty days, and how long they stayed. Who was gone by day 30 had less time to be written to.
-#}
{%- set last_day = add_days(as_of_date(), 0 - var("allowed_lateness_days")) -%}
with lives as (
    select
        *,
        {{ add_days(last_day, 0 - var("churn_inactive_days")) }} as watched_until
    from {{ ref("sums_customer_lives") }}
    where
        {{ is_mature(add_days("first_active_date", 91)) }}
        and last_active_date >= {{ add_days("first_active_date", 30) }}
),

sends as (
    select
        lives.customer_id,
        count(distinct sends.channel) as channel_count,
        count(*) as send_count,
        count(sends.coordination_id) as coordinated_count
    from lives
    inner join {{ ref("dim_identifiers") }} as identifiers
        on lives.customer_id = identifiers.customer_id
    inner join {{ ref("fct_message_sends") }} as sends
        on
            identifiers.identifier_key = sends.identifier_key
            and lives.first_active_date <= sends.activity_date
            and sends.activity_date < {{ add_days("lives.first_active_date", 30) }}
    group by lives.customer_id
),

-- A life ends with the last active day, once so many days without any have shown that it was the
-- last.
final as (
    select
        lives.customer_id,
        cast(coalesce(sends.channel_count, 0) as bigint) as channel_count,
        coalesce(sends.coordinated_count * 2 > sends.send_count, false) as is_ai_coordinated,
        lives.was_active_d90,
        case
            when {{ is_mature(add_days("lives.first_active_date", 181)) }}
                then lives.was_active_d180
        end as was_active_d180,
        lives.last_active_date < lives.watched_until as is_event,
        {{ days_between(
            "lives.first_active_date",
            "least(lives.last_active_date, lives.watched_until)"
        ) }} as duration_days
    from lives
    left join sends
        on lives.customer_id = sends.customer_id
)

select * from final
