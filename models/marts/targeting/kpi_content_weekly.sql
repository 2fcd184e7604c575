{%- set inputs = ["events", "preferences", "decisions", "content"] -%}
{%- set attribution_days = (var("opt_out_attribution_hours") / 24) | round(0, "ceil") | int -%}
with sums as (
    select
        {%- for count in ["all_served", "served", "acted", "dismissed", "ignored", "opt_out"] %}
        cast(sum({{ count }}_count) as bigint) as {{ count }}_count,
        {%- endfor %}
        content_tag,
        week_start_date,
        count(case when served_count > 0 then 1 end) as customer_count,
        count(case when opt_out_count > 0 then 1 end) as opted_out_count
    from {{ ref("sums_content_customer_weekly") }}
    group by content_tag, week_start_date
),

weeks as (
    select
        *,
        content_tag || ' ' || cast(week_start_date as string) as cell_key,
        {{ is_mature(add_days("week_start_date", 7 + var("insight_window_days"))) }} as is_mature,
        {{ is_mature(add_days("week_start_date", 7 + attribution_days)) }} as is_opt_out_mature
    from sums
),

readouts as (
    {{ clustered_readouts("kpi_content_weekly", content_rates()) }}
),

data_through as (
    {{ data_through(inputs) }}
),

degraded as (
    {{ degraded_windows(inputs, days=var("insight_window_days")) }}
),

final as (
    select
        weeks.content_tag,
        weeks.week_start_date,
        weeks.customer_count,
        weeks.served_count,
        weeks.opt_out_count,
        {{ clustered_rates(content_rates(), "weeks", "readouts", "weeks.is_mature") }},
        {{ rate_columns(
            "opt_out_rate",
            "weeks.opted_out_count",
            "weeks.customer_count",
            "weeks.is_opt_out_mature",
        ) }},
        10000
        * {{ rate("weeks.opted_out_count", "weeks.customer_count", "weeks.is_opt_out_mature") }}
            as opt_outs_per_10k,
        weeks.is_mature,
        data_through.data_through_date,
        case when degraded.week_start_date is null then 'ok' else 'degraded' end as data_quality
    from weeks
    left join readouts
        on weeks.cell_key = readouts.cell_key
    left join degraded
        on weeks.week_start_date = degraded.week_start_date
    cross join data_through
)

select * from final
