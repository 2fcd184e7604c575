{#- How long rows took from what happened to us, and from us to analysts. -#}
with received_rows as (
    {%- for table in canonical_tables() %}
    select
        source_name,
        received_date,
        received_at,
        -- The number of the file that brought the row: its upper half.
        cast((row_id - row_id % 4294967296) / 4294967296 as bigint) as file_no,
        cast({{ microseconds_between("event_at", "received_at") }} as double) / 1000000
            as event_to_received_seconds
    from (
        {{ canonical(table, ["row_id", "received_date", "event_at", "received_at"]) }}
    ) as {{ table }}
    {{ "union all" if not loop.last }}
    {%- endfor %}
),

files as (
    select
        file_no,
        max(received_at) as last_received_at
    from received_rows
    group by file_no
),

-- The first snapshot that had landed the file, and looked from after its last row.
first_publishes as (
    select
        files.file_no,
        min(publishes.published_at) as published_at
    from files
    inner join {{ ref("stg_lake__publishes") }} as publishes
        on
            files.file_no <= publishes.last_file_no
            and files.last_received_at <= publishes.as_of
    group by files.file_no
),

timed_rows as (
    select
        received_rows.source_name,
        received_rows.received_date,
        received_rows.event_to_received_seconds,
        cast(
            {{ microseconds_between(
                "received_rows.received_at", "first_publishes.published_at"
            ) }} as double
        )
        / 1000000 as received_to_published_seconds
    from received_rows
    left join first_publishes
        on received_rows.file_no = first_publishes.file_no
),

final as (
    select
        source_name,
        received_date,
        count(*) as landed_count,
        count(received_to_published_seconds) as published_count,
        percentile_cont(0.50) within group (order by event_to_received_seconds)
            as event_to_received_seconds_p50,
        percentile_cont(0.95) within group (order by event_to_received_seconds)
            as event_to_received_seconds_p95,
        percentile_cont(0.50) within group (order by received_to_published_seconds)
            as received_to_published_seconds_p50,
        percentile_cont(0.95) within group (order by received_to_published_seconds)
            as received_to_published_seconds_p95
    from timed_rows
    group by source_name, received_date
)

select * from final
