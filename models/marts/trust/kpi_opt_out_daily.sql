with enabled_days as (
    select *
    from {{ ref("sums_enabled_daily") }}
),

hazard_days as (
    select
        feature_id,
        experiment_id,
        variation_id,
        activity_date,
        cast(sum(at_risk_count) as bigint) as at_risk_count,
        cast(sum(opt_out_count) as bigint) as at_risk_opt_out_count
    from {{ ref("sums_opt_out_daily") }}
    group by feature_id, experiment_id, variation_id, activity_date
),

trends as (
    select
        feature_id,
        experiment_id,
        variation_id,
        activity_date,
        is_rising
    from {{ source("inference", "opt_out_trends") }}
),

days as (
    select
        enabled_days.*,
        coalesce(hazard_days.at_risk_count, 0) as at_risk_count,
        coalesce(hazard_days.at_risk_opt_out_count, 0) as at_risk_opt_out_count,
        {{ is_mature(add_days("enabled_days.activity_date", 1)) }} as is_mature
    from enabled_days
    left join hazard_days
        on
            enabled_days.feature_id = hazard_days.feature_id
            and enabled_days.experiment_id = hazard_days.experiment_id
            and enabled_days.variation_id = hazard_days.variation_id
            and enabled_days.activity_date = hazard_days.activity_date
),

data_through as (
    {{ data_through(["events", "preferences"]) }}
),

degraded as (
    {{ degraded_days(["events", "preferences", "assignments"]) }}
),

final as (
    select
        days.feature_id,
        days.experiment_id,
        days.variation_id,
        days.activity_date,
        days.exposed_enabled_count,
        days.opt_out_count,
        {{ rate_columns(
            "opt_out_hazard", "days.at_risk_opt_out_count", "days.at_risk_count", "days.is_mature"
        ) }},
        case when days.is_mature then trends.is_rising end as is_rising,
        days.is_mature,
        data_through.data_through_date,
        case when degraded.activity_date is null then 'ok' else 'degraded' end as data_quality
    from days
    left join trends
        on
            days.feature_id = trends.feature_id
            and days.experiment_id = trends.experiment_id
            and days.variation_id = trends.variation_id
            and days.activity_date = trends.activity_date
    left join degraded
        on days.activity_date = degraded.activity_date
    cross join data_through
)

select * from final
