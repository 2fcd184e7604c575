{%- set inputs = ["messages", "decisions", "content"] -%}
with pairs as (
    select
        channel_a,
        channel_b,
        week_start_date,
        count(*) as customer_count,
        cast(sum(touch_count) as bigint) as message_count,
        cast(sum(duplicate_count) as bigint) as duplicate_count,
        cast(sum(contradiction_count) as bigint) as contradiction_count,
        {{ is_mature(add_days("week_start_date", 7)) }} as is_mature
    from {{ ref("sums_coordination_customer_weekly") }}
    group by channel_a, channel_b, week_start_date
),

readouts as (
    select
        metric_name,
        cell_key,
        ci_lower,
        ci_upper
    from {{ source("inference", "clustered_ratios") }}
    where kpi_name = 'kpi_coordination_weekly'
),

data_through as (
    {{ data_through(inputs) }}
),

degraded as (
    {{ degraded_weeks(inputs) }}
),

final as (
    select
        pairs.channel_a,
        pairs.channel_b,
        pairs.week_start_date,
        pairs.customer_count,
        pairs.message_count,
        {{ clustered_rate_columns(
            "duplicate_message_rate",
            "pairs.duplicate_count",
            "pairs.message_count",
            "duplicates",
            "pairs.is_mature",
        ) }},
        {{ clustered_rate_columns(
            "contradiction_rate",
            "pairs.contradiction_count",
            "pairs.message_count",
            "contradictions",
            "pairs.is_mature",
        ) }},
        pairs.is_mature,
        data_through.data_through_date,
        case when degraded.week_start_date is null then 'ok' else 'degraded' end as data_quality
    from pairs
    left join readouts as duplicates
        on
            pairs.channel_a || ' ' || pairs.channel_b || ' '
            || cast(pairs.week_start_date as string) = duplicates.cell_key
            and duplicates.metric_name = 'duplicate_message_rate'
    left join readouts as contradictions
        on
            pairs.channel_a || ' ' || pairs.channel_b || ' '
            || cast(pairs.week_start_date as string) = contradictions.cell_key
            and contradictions.metric_name = 'contradiction_rate'
    left join degraded
        on pairs.week_start_date = degraded.week_start_date
    cross join data_through
)

select * from final
