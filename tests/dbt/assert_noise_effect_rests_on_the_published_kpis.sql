-- With every filter on, the restated KPIs are the published ones: one definition, read twice.
with published as (
    select
        'interaction_count' as kpi_name,
        week_start_date,
        sum(interaction_count) as numerator,
        cast(null as bigint) as denominator
    from {{ ref("kpi_feature_adoption_weekly") }}
    where is_mature
    group by week_start_date
    union all
    select
        'adoption_rate' as kpi_name,
        week_start_date,
        sum(adoption_rate_numerator) as numerator,
        sum(adoption_rate_denominator) as denominator
    from {{ ref("kpi_feature_adoption_weekly") }}
    where is_mature
    group by week_start_date
    union all
    select
        'return_adoption_rate' as kpi_name,
        cohort_week_start_date as week_start_date,
        sum(return_adoption_rate_numerator) as numerator,
        sum(return_adoption_rate_denominator) as denominator
    from {{ ref("kpi_return_adoption") }}
    where is_mature
    group by cohort_week_start_date
    union all
    select
        'opt_out_hazard' as kpi_name,
        {{ week_start("activity_date") }} as week_start_date,
        sum(opt_out_hazard_numerator) as numerator,
        sum(opt_out_hazard_denominator) as denominator
    from {{ ref("kpi_opt_out_daily") }}
    group by {{ week_start("activity_date") }}
    union all
    select
        'helpful_rate' as kpi_name,
        week_start_date,
        sum(helpful_rate_numerator) as numerator,
        sum(helpful_rate_denominator) as denominator
    from {{ ref("kpi_micro_feedback_weekly") }}
    where is_mature
    group by week_start_date
),

restated as (
    select distinct
        kpi_name,
        week_start_date,
        numerator_with as numerator,
        denominator_with as denominator
    from {{ ref("kpi_noise_effect_weekly") }}
    where
        filter_name = 'all'
        and is_mature
        and kpi_name not in ('email_open_rate', 'email_click_rate')
        and (numerator_with > 0 or denominator_with > 0)
)

select
    restated.kpi_name,
    restated.week_start_date,
    restated.numerator,
    published.numerator as published_numerator,
    restated.denominator,
    published.denominator as published_denominator
from restated
left join published
    on
        restated.kpi_name = published.kpi_name
        and restated.week_start_date = published.week_start_date
where
    restated.numerator is distinct from published.numerator
    or restated.denominator is distinct from published.denominator
