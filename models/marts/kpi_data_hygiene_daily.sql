with batches as (
    select *
    from {{ ref("fct_batch_hygiene") }}
),

contracts as (
    select
        source_name,
        table_name,
        is_closed
    from {{ ref("dim_contracts") }}
),

last_received as (
    select
        source_name,
        table_name,
        max(received_date) as data_through_date,
        max(last_received_at) as last_received_at
    from batches
    group by source_name, table_name
),

quality as (
    select
        source_name,
        table_name,
        received_date,
        is_degraded
    from {{ ref("input_quality_daily") }}
),

final as (
    select
        batches.source_name,
        batches.table_name,
        batches.received_date,
        batches.received_count,
        batches.kept_count,
        batches.quarantined_count,
        batches.duplicate_count,
        batches.near_duplicate_count,
        batches.bot_count,
        batches.test_count,
        batches.expired_session_count,
        batches.stale_count,
        batches.erased_count,
        batches.late_count,
        batches.unmapped_value_count,
        {{ rate_columns("duplication_rate", "batches.duplicate_count", "batches.judged_count") }},
        {{ rate_columns("stale_rate", "batches.stale_count", "batches.judged_count") }},
        {{ rate_columns(
            "completeness_rate",
            "(batches.expected_value_count - batches.missing_expected_count)",
            "batches.expected_value_count",
        ) }},
        {{ rate_columns("contract_pass_rate", "batches.landed_count", "batches.judged_count") }},
        -- A closed source gets no more rows: its age says nothing.
        case
            when not contracts.is_closed
                then
                    cast(
                        {{ microseconds_between("last_received.last_received_at", as_of()) }}
                        as double
                    )
                    / 3600000000
        end as freshness_hours,
        last_received.data_through_date,
        case
            when quality.is_degraded then 'degraded'
            else 'ok'
        end as data_quality
    from batches
    inner join contracts
        on
            batches.source_name = contracts.source_name
            and batches.table_name = contracts.table_name
    inner join last_received
        on
            batches.source_name = last_received.source_name
            and batches.table_name = last_received.table_name
    left join quality
        on
            batches.source_name = quality.source_name
            and batches.table_name = quality.table_name
            and batches.received_date = quality.received_date
)

select * from final
