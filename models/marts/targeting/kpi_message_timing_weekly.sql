{%- set inputs = ["messages", "decisions", "events"] -%}
with sends as (
    select
        channel,
        week_start_date,
        count(*) as customer_count,
        cast(sum(send_count) as bigint) as send_count,
        cast(sum(realtime_count) as bigint) as realtime_count
    from {{ ref("sums_message_customer_weekly") }}
    group by channel, week_start_date
),

segment_ages as (
    select
        {%- for share, name in [("0.5", "p50"), ("0.95", "p95")] %}
        percentile_cont({{ share }}) within group (
            order by
                cast({{ microseconds_between("segment_computed_at", "sent_at") }} as double)
                / 3600000000
        ) as segment_age_hours_{{ name }},
        {%- endfor %}
        channel,
        {{ week_start("activity_date") }} as week_start_date,
        count(*) as send_count
    from {{ ref("fct_message_sends") }}
    where
        segment_computed_at is not null
        and sent_at >= segment_computed_at
    group by channel, {{ week_start("activity_date") }}
),

latencies as (
    select
        channel,
        {{ week_start(local_date("served_at")) }} as week_start_date,
        count(*) as decision_count,
        percentile_cont(0.95) within group (
            order by cast({{ microseconds_between("decided_at", "served_at") }} as double) / 1000000
        ) as decision_latency_seconds_p95
    from {{ ref("fct_decisions") }}
    where
        channel is not null
        and served_at >= decided_at
    group by channel, {{ week_start(local_date("served_at")) }}
),

cells as (
    select
        channel,
        week_start_date
    from sends
    union distinct
    select
        channel,
        week_start_date
    from latencies
),

readouts as (
    select
        cell_key,
        ci_lower,
        ci_upper
    from {{ source("inference", "clustered_ratios") }}
    where
        kpi_name = 'kpi_message_timing_weekly'
        and metric_name = 'realtime_share'
),

weeks as (
    select
        cells.*,
        coalesce(sends.customer_count, 0) as customer_count,
        coalesce(sends.send_count, 0) as send_count,
        coalesce(sends.realtime_count, 0) as realtime_count,
        {{ is_mature(add_days("cells.week_start_date", 7)) }} as is_mature
    from cells
    left join sends
        on
            cells.channel = sends.channel
            and cells.week_start_date = sends.week_start_date
),

data_through as (
    {{ data_through(inputs) }}
),

degraded as (
    {{ degraded_weeks(inputs) }}
),

final as (
    select
        weeks.channel,
        weeks.week_start_date,
        weeks.customer_count,
        weeks.send_count,
        {{ clustered_rate_columns(
            "realtime_share",
            "weeks.realtime_count",
            "weeks.send_count",
            "readouts",
            "weeks.is_mature",
        ) }},
        {%- for quantile in ["p50", "p95"] %}
        {{ if_enough(
            "segment_ages.segment_age_hours_" ~ quantile,
            ["segment_ages.send_count"],
            "weeks.is_mature",
        ) }} as segment_age_hours_{{ quantile }},
        {%- endfor %}
        coalesce(latencies.decision_count, 0) as decision_count,
        {{ if_enough(
            "latencies.decision_latency_seconds_p95",
            ["latencies.decision_count"],
            "weeks.is_mature",
        ) }} as decision_latency_seconds_p95,
        weeks.is_mature,
        data_through.data_through_date,
        case when degraded.week_start_date is null then 'ok' else 'degraded' end as data_quality
    from weeks
    left join segment_ages
        on
            weeks.channel = segment_ages.channel
            and weeks.week_start_date = segment_ages.week_start_date
    left join latencies
        on
            weeks.channel = latencies.channel
            and weeks.week_start_date = latencies.week_start_date
    left join readouts
        on weeks.channel || ' ' || cast(weeks.week_start_date as string) = readouts.cell_key
    left join degraded
        on weeks.week_start_date = degraded.week_start_date
    cross join data_through
)

select * from final
