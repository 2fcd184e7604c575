{#- How long each table has been silent, by the days on which its source is due. -#}
with contracts as (
    select
        source_name,
        table_name,
        is_closed
    from {{ ref("stg_lake__contracts") }}
),

last_received as (
    select
        source_name,
        table_name,
        max(last_received_at) as last_received_at,
        max(received_date) as last_received_date
    from {{ ref("hygiene_batches") }}
    group by source_name, table_name
),

-- The part of each quiet day that lies in the silence.
quiet_spans as (
    select
        last_received.source_name,
        last_received.table_name,
        greatest(last_received.last_received_at, quiet_days.starts_at) as starts_at,
        least({{ as_of() }}, quiet_days.ends_at) as ends_at
    from last_received
    inner join {{ ref("stg_lake__quiet_days") }} as quiet_days
        on
            last_received.source_name = quiet_days.source_name
            and last_received.last_received_at < quiet_days.ends_at
            and {{ as_of() }} > quiet_days.starts_at
),

quiet_times as (
    select
        source_name,
        table_name,
        sum({{ microseconds_between("starts_at", "ends_at") }}) as quiet_microseconds
    from quiet_spans
    group by source_name, table_name
),

final as (
    select
        contracts.source_name,
        contracts.table_name,
        contracts.is_closed,
        last_received.last_received_at,
        last_received.last_received_date,
        -- A closed source gets no more rows: its age says nothing.
        case
            when not contracts.is_closed
                then
                    cast(
                        {{ microseconds_between("last_received.last_received_at", as_of()) }}
                        - coalesce(quiet_times.quiet_microseconds, 0) as double
                    )
                    / 3600000000
        end as freshness_hours
    from contracts
    inner join last_received
        on
            contracts.source_name = last_received.source_name
            and contracts.table_name = last_received.table_name
    left join quiet_times
        on
            contracts.source_name = quiet_times.source_name
            and contracts.table_name = quiet_times.table_name
)

select * from final
