with days as (
    select *
    from {{ ref("fct_delivery_latency") }}
),

last_received as (
    select
        source_name,
        last_received_date
    from {{ ref("fct_source_freshness") }}
),

degraded as (
    {{ degraded_source_days() }}
),

final as (
    select
        days.source_name,
        days.received_date,
        days.landed_count,
        days.published_count,
        days.event_to_received_seconds_p50,
        days.event_to_received_seconds_p95,
        days.received_to_published_seconds_p50,
        days.received_to_published_seconds_p95,
        last_received.last_received_date as data_through_date,
        case when degraded.received_date is null then 'ok' else 'degraded' end as data_quality
    from days
    inner join last_received
        on days.source_name = last_received.source_name
    left join degraded
        on
            days.source_name = degraded.source_name
            and days.received_date = degraded.received_date
)

select * from final
