{%- set inputs = ["events", "preferences", "decisions"] -%}
{%- set attribution_days = (var("opt_out_attribution_hours") / 24) | round(0, "ceil") | int -%}
with insights as (
    select distinct
        identifiers.customer_id,
        insights.insight_category,
        {{ week_start("insights.served_date") }} as week_start_date
    from {{ ref("fct_insights") }} as insights
    inner join {{ ref("dim_identifiers") }} as identifiers
        on insights.identifier_key = identifiers.identifier_key
),

served as (
    select
        insight_category,
        week_start_date,
        count(*) as customer_count
    from insights
    group by insight_category, week_start_date
),

opt_outs as (
    select
        coalesce(last_insight_category, 'unattributed') as insight_category,
        {{ week_start("coalesce(last_insight_date, opted_out_date)") }} as week_start_date,
        count(*) as opt_out_count,
        count(distinct customer_id) as opted_out_count
    from {{ ref("fct_opt_outs") }}
    where scope <> 'channel'
    group by
        coalesce(last_insight_category, 'unattributed'),
        {{ week_start("coalesce(last_insight_date, opted_out_date)") }}
),

weeks as (
    select
        coalesce(served.insight_category, opt_outs.insight_category) as insight_category,
        coalesce(served.week_start_date, opt_outs.week_start_date) as week_start_date,
        served.customer_count,
        coalesce(opt_outs.opt_out_count, 0) as opt_out_count,
        case
            when served.customer_count is not null then coalesce(opt_outs.opted_out_count, 0)
        end as opted_out_count
    from served
    full outer join opt_outs
        on
            served.insight_category = opt_outs.insight_category
            and served.week_start_date = opt_outs.week_start_date
),

-- The last insight of a week is followed for as long as an opt-out may still belong to it.
ripe_weeks as (
    select
        *,
        {{ is_mature(add_days("week_start_date", 7 + attribution_days)) }} as is_mature
    from weeks
),

data_through as (
    {{ data_through(inputs) }}
),

degraded as (
    {{ degraded_windows(inputs, days=attribution_days) }}
),

final as (
    select
        weeks.insight_category,
        weeks.week_start_date,
        weeks.customer_count,
        weeks.opt_out_count,
        {{ rate_columns(
            "opt_out_rate", "weeks.opted_out_count", "weeks.customer_count", "weeks.is_mature"
        ) }},
        10000 * {{ rate("weeks.opted_out_count", "weeks.customer_count", "weeks.is_mature") }}
            as opt_outs_per_10k,
        weeks.is_mature,
        data_through.data_through_date,
        case when degraded.week_start_date is null then 'ok' else 'degraded' end as data_quality
    from ripe_weeks as weeks
    left join degraded
        on weeks.week_start_date = degraded.week_start_date
    cross join data_through
)

select * from final
