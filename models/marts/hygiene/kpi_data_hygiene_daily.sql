with batches as (
    select *
    from {{ ref("fct_batch_hygiene") }}
),

freshness as (
    select
        source_name,
        table_name,
        last_received_date,
        freshness_hours
    from {{ ref("fct_table_freshness") }}
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
        {{ rate_columns("stale_rate", "batches.overdue_count", "batches.judged_count") }},
        {{ rate_columns(
            "completeness_rate",
            "(batches.expected_value_count - batches.missing_expected_count)",
            "batches.expected_value_count",
        ) }},
        {{ rate_columns("contract_pass_rate", "batches.landed_count", "batches.judged_count") }},
        freshness.freshness_hours,
        freshness.last_received_date as data_through_date,
        case
            when quality.is_degraded then 'degraded'
            else 'ok'
        end as data_quality
    from batches
    inner join freshness
        on
            batches.source_name = freshness.source_name
            and batches.table_name = freshness.table_name
    left join quality
        on
            batches.source_name = quality.source_name
            and batches.table_name = quality.table_name
            and batches.received_date = quality.received_date
)

select * from final
