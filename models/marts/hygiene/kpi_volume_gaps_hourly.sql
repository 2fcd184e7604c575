with hours as (
    select *
    from {{ ref("fct_volume_gaps") }}
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
        hours.source_name,
        hours.hour_start_at,
        hours.received_count,
        hours.expected_count,
        hours.least_count,
        hours.is_gap,
        hours.gap_kind,
        last_received.last_received_date as data_through_date,
        case when degraded.received_date is null then 'ok' else 'degraded' end as data_quality
    from hours
    inner join last_received
        on hours.source_name = last_received.source_name
    left join degraded
        on
            hours.source_name = degraded.source_name
            and cast(hours.hour_start_at as date) = degraded.received_date
)

select * from final
