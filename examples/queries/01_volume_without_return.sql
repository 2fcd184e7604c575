-- Where do taps grow while few come back on their own? Activity alone is no success.
with use_by_month as (
    select
        feature_id,
        cast(date_trunc('month', week_start_date) as date) as month_start_date,
        sum(interaction_count) as interaction_count,
        sum(frustrated_tap_rate_numerator) as frustrated_count
    from kpi_feature_adoption_weekly
    where is_mature
    group by feature_id, month_start_date
),

returns_by_month as (
    select
        feature_id,
        cast(date_trunc('month', cohort_week_start_date) as date) as month_start_date,
        sum(return_adoption_rate_numerator) / sum(return_adoption_rate_denominator) as return_adoption_rate
    from kpi_return_adoption
    where is_mature
    group by feature_id, month_start_date
)

select *
from use_by_month
inner join returns_by_month using (feature_id, month_start_date)
order by feature_id, month_start_date;
