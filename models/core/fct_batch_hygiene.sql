{#-
    The rates each batch is judged by. Rows already set aside, and those of forgotten people that are
    gone, are counted but no longer judged.
-#}
with batches as (
    select
        *,
        landed_count + quarantined_count + removed_count as received_count,
        landed_count + quarantined_count - set_aside_count as judged_count
    from {{ ref("hygiene_batches") }}
),

-- Older than promised, whatever else is wrong with the row; a rule in shadow only counts.
overdue as (
    select
        source_name,
        table_name,
        received_date,
        cast(sum(hit_count) as bigint) as overdue_count
    from {{ ref("hygiene_rule_counts") }}
    where
        reason = 'stale'
        and mode = 'enforced'
    group by source_name, table_name, received_date
),

mapped as (
    select
        source_name,
        table_name,
        received_date,
        cast(sum(value_count) as bigint) as standardised_value_count,
        cast(sum(value_count - mapped_count) as bigint) as unmapped_value_count
    from {{ ref("hygiene_mapping_coverage") }}
    group by source_name, table_name, received_date
),

rates as (
    select
        batches.source_name,
        batches.table_name,
        batches.received_date,
        batches.last_received_at,
        batches.received_count,
        batches.judged_count,
        batches.landed_count,
        batches.set_aside_count,
        batches.quarantined_count,
        {%- for count in verdicts() + [
            "near_duplicate", "late", "missing_expected",
        ] %}
        batches.{{ count }}_count,
        {%- endfor %}
        coalesce(overdue.overdue_count, 0) as overdue_count,
        coalesce(mapped.unmapped_value_count, 0) as unmapped_value_count,
        batches.landed_count * contracts.expected_field_count as expected_value_count,
        {%- for reason in ["duplicate", "bot", "test", "expired_session"] %}
        cast(batches.{{ reason }}_count as double) / nullif(batches.judged_count, 0)
            as {{ "duplication" if reason == "duplicate" else reason }}_rate,
        {%- endfor %}
        cast(batches.landed_count as double) / nullif(batches.judged_count, 0)
            as contract_pass_rate,
        cast(
            batches.landed_count * contracts.expected_field_count
            - batches.missing_expected_count as double
        )
        / nullif(batches.landed_count * contracts.expected_field_count, 0)
            as completeness_rate,
        cast(coalesce(overdue.overdue_count, 0) as double) / nullif(batches.judged_count, 0)
            as stale_rate,
        -- A table without a field to standardise has nothing unmapped.
        case
            when batches.judged_count > 0
                then
                    coalesce(
                        cast(mapped.unmapped_value_count as double)
                        / nullif(mapped.standardised_value_count, 0),
                        0
                    )
        end as unmapped_rate
    from batches
    left join overdue
        on
            batches.source_name = overdue.source_name
            and batches.table_name = overdue.table_name
            and batches.received_date = overdue.received_date
    left join mapped
        on
            batches.source_name = mapped.source_name
            and batches.table_name = mapped.table_name
            and batches.received_date = mapped.received_date
    inner join {{ ref("stg_lake__contracts") }} as contracts
        on
            batches.source_name = contracts.source_name
            and batches.table_name = contracts.table_name
),

-- What a table's share of bots was on its days before; one odd day moves no median.
usual_bots as (
    select
        rates.source_name,
        rates.table_name,
        rates.received_date,
        count(*) as day_count,
        percentile_cont(0.5) within group (order by past.bot_rate) as bot_rate
    from rates
    inner join rates as past
        on
            rates.source_name = past.source_name
            and rates.table_name = past.table_name
            and {{ add_days("rates.received_date", 0 - var("bot_jump_days")) }}
            <= past.received_date
            and rates.received_date > past.received_date
            and past.judged_count > 0
    group by rates.source_name, rates.table_name, rates.received_date
),

final as (
    select
        rates.*,
        rates.bot_rate - usual_bots.bot_rate as bot_rate_rise,
        coalesce(usual_bots.day_count, 0) as usual_bot_day_count
    from rates
    left join usual_bots
        on
            rates.source_name = usual_bots.source_name
            and rates.table_name = usual_bots.table_name
            and rates.received_date = usual_bots.received_date
)

select * from final
