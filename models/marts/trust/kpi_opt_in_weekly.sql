{%- set inputs = ["events", "offers_to_opt_in"] -%}
with offers as (
    select
        feature_id,
        {{ week_start("offered_date") }} as week_start_date,
        opted_in_at < offered_at + interval '{{ var("opt_in_window_days") }}' day as is_opted_in
    from {{ ref("fct_first_offers") }}
),

weeks as (
    select
        feature_id,
        week_start_date,
        count(*) as offer_count,
        count(case when is_opted_in then 1 end) as opt_in_count,
        {{ is_mature(add_days("week_start_date", 7 + var("opt_in_window_days"))) }} as is_mature
    from offers
    group by feature_id, week_start_date
),

data_through as (
    {{ data_through(inputs) }}
),

degraded as (
    {{ degraded_windows(inputs, days=var("opt_in_window_days")) }}
),

final as (
    select
        weeks.feature_id,
        weeks.week_start_date,
        weeks.offer_count as first_offer_count,
        {{ rate_columns(
            "opt_in_rate", "weeks.opt_in_count", "weeks.offer_count", "weeks.is_mature"
        ) }},
        cast({{ var("target_opt_in_rate") }} as double) as opt_in_rate_target,
        {{ rate("weeks.opt_in_count", "weeks.offer_count", "weeks.is_mature") }}
        >= {{ var("target_opt_in_rate") }} as is_opt_in_rate_target_met,
        weeks.is_mature,
        data_through.data_through_date,
        case when degraded.week_start_date is null then 'ok' else 'degraded' end as data_quality
    from weeks
    left join degraded
        on weeks.week_start_date = degraded.week_start_date
    cross join data_through
)

select * from final
