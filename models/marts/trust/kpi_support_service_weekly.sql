{%- set inputs = ["tickets", "events"] -%}
with waits as (
    select *
    from {{ ref("sums_support_waits_weekly") }}
),

counts as (
    select
        feature_id,
        week_start_date,
        count(*) as customer_count,
        cast(sum(ticket_count) as bigint) as ticket_count,
        cast(sum(solved_count) as bigint) as solved_count,
        cast(sum(reopened_count) as bigint) as reopened_count
    from {{ ref("sums_support_customer_weekly") }}
    group by feature_id, week_start_date
),

active as (
    select
        {{ week_start("activity_date") }} as week_start_date,
        count(distinct customer_id) as active_customer_count
    from {{ ref("fct_customer_days") }}
    where
        is_active
        and is_named
        and activity_date < {{ as_of_date() }}
    group by {{ week_start("activity_date") }}
),

features as (
    select feature_id from counts
    union distinct
    select feature_id from {{ ref("fct_feature_customers") }}
    union distinct
    select cast('none' as string) as feature_id
),

-- A week without a ticket is a row too.
weeks as (
    select
        features.feature_id,
        active.week_start_date,
        active.active_customer_count,
        {{ is_mature(add_days("active.week_start_date", 7)) }} as is_week_over,
        {{ is_mature(add_days("active.week_start_date", 7 + var("support_window_days"))) }}
            as is_mature
    from features
    cross join active
),

reopens as (
    select
        cell_key,
        ci_lower,
        ci_upper
    from {{ source("inference", "clustered_ratios") }}
    where kpi_name = 'kpi_support_service_weekly'
),

data_through as (
    {{ data_through(inputs) }}
),

degraded as (
    {{ degraded_windows(inputs, days=var("support_window_days")) }}
),

final as (
    select
        weeks.feature_id,
        weeks.week_start_date,
        coalesce(counts.ticket_count, 0) as ticket_count,
        coalesce(counts.customer_count, 0) as customer_count,
        weeks.active_customer_count,
        case
            when weeks.is_week_over and weeks.active_customer_count >= {{ var("min_sample") }}
                then
                    cast(coalesce(counts.ticket_count, 0) * 1000 as double)
                    / weeks.active_customer_count
        end as tickets_per_1k_active,
        case when weeks.is_mature then coalesce(waits.replied_count, 0) end as replied_count,
        {%- for name in ["first_reply_hours", "resolution_hours"] %}
        {%- for quantile in ["p50", "p95"] %}
        {{ if_enough(
            "waits." ~ name ~ "_" ~ quantile, ["counts.ticket_count"], "weeks.is_mature"
        ) }} as {{ name }}_{{ quantile }},
        {%- endfor %}
        {%- endfor %}
        {{ clustered_rate_columns(
            "reopen_rate",
            "coalesce(counts.reopened_count, 0)",
            "coalesce(counts.solved_count, 0)",
            "reopens",
            "weeks.is_mature",
        ) }},
        weeks.is_mature,
        data_through.data_through_date,
        case when degraded.week_start_date is null then 'ok' else 'degraded' end as data_quality
    from weeks
    left join counts
        on
            weeks.feature_id = counts.feature_id
            and weeks.week_start_date = counts.week_start_date
    left join waits
        on
            weeks.feature_id = waits.feature_id
            and weeks.week_start_date = waits.week_start_date
    left join reopens
        on weeks.feature_id || ' ' || cast(weeks.week_start_date as string) = reopens.cell_key
    left join degraded
        on weeks.week_start_date = degraded.week_start_date
    cross join data_through
)

select * from final
