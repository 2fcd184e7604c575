{%- set inputs = ["events", "orders"] -%}
with lives as (
    select *
    from {{ ref("sums_customer_lives") }}
),

segmented_lives as (
    {{ by_segment("lives", "first_active_at") }}
),

cohorts as (
    select
        {%- for age in retention_ages() %}
        count(case when was_active_d{{ age }} then 1 end) as active_d{{ age }}_count,
        {%- endfor %}
        {{ week_start("first_active_date") }} as cohort_week_start_date,
        segment_type,
        segment_value,
        count(*) as customer_count,
        count(case when is_activated then 1 end) as activated_count
    from segmented_lives
    group by all
),

-- A window is over when it is for those who came on the Sunday.
closed_cohorts as (
    select
        {%- for age in retention_ages() %}
        {{ is_mature(add_days("cohort_week_start_date", 7 + age)) }} as is_d{{ age }}_mature,
        {%- endfor %}
        *,
        {{ is_mature(add_days("cohort_week_start_date", 13)) }} as is_activation_mature
    from cohorts
),

data_through as (
    {{ data_through(inputs) }}
),

degraded as (
    {{ degraded_weeks(inputs) }}
),

degraded_cohorts as (
    select distinct cohorts.cohort_week_start_date
    from cohorts
    inner join degraded
        on
            cohorts.cohort_week_start_date <= degraded.week_start_date
            and {{ add_days("cohorts.cohort_week_start_date", 187) }} > degraded.week_start_date
),

final as (
    select
        cohorts.cohort_week_start_date,
        cohorts.segment_type,
        cohorts.segment_value,
        cohorts.customer_count,
        {{ rate_columns(
            "activation_rate",
            "cohorts.activated_count",
            "cohorts.customer_count",
            "cohorts.is_activation_mature",
        ) }},
        {%- for age in retention_ages() %}
        {{ rate_columns(
            "retention_d" ~ age,
            "cohorts.active_d" ~ age ~ "_count",
            "cohorts.customer_count",
            "cohorts.is_d" ~ age ~ "_mature",
        ) }},
        {%- endfor %}
        cohorts.is_d180_mature as is_mature,
        data_through.data_through_date,
        case when degraded_cohorts.cohort_week_start_date is null then 'ok' else 'degraded' end
            as data_quality
    from closed_cohorts as cohorts
    left join degraded_cohorts
        on cohorts.cohort_week_start_date = degraded_cohorts.cohort_week_start_date
    cross join data_through
)

select * from final
