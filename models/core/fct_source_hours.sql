{#- What each source delivered in each hour of receipt, hours without a row included. -#}
with received_rows as (
    select
        source_name,
        received_at
    from {{ ref("hygiene_verdicts") }}
    union all
    -- A malformed or rejected row arrived too, unless nothing says when; a superseded one comes
    -- again with its new file.
    select
        source_name,
        received_at
    from {{ ref("stg_lake__quarantined_rows") }}
    where
        kind <> 'superseded'
        and received_at is not null
),

received_hours as (
    select
        source_name,
        date_trunc('hour', received_at) as hour_start_at,
        count(*) as received_count
    from received_rows
    group by all
),

-- Single old rows must not make decades of empty hours: a gap is news for a year, not for ever.
spans as (
    select
        source_name,
        greatest(
            min(hour_start_at),
            cast(max(hour_start_at) - interval '400' day as timestamp)
        ) as first_hour_at,
        max(hour_start_at) as last_hour_at
    from received_hours
    group by source_name
),

hours as (
    select
        source_name,
        {{ hour_range("first_hour_at", "last_hour_at") }} as hour_start_at
    from spans
),

final as (
    select
        hours.source_name,
        hours.hour_start_at,
        {{ local_date("hours.hour_start_at") }} as activity_date,
        {{ local_hour_number("hours.hour_start_at") }} as local_hour_number,
        cast(coalesce(received_hours.received_count, 0) as bigint) as received_count
    from hours
    left join received_hours
        on
            hours.source_name = received_hours.source_name
            and hours.hour_start_at = received_hours.hour_start_at
)

select * from final
