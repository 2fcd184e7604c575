{#-
    Per feature, week of first exposure and day since it: how many could still turn the feature off for the first
    time, and how many did. Who closes the last account can't any more, nor can anybody be seen to after `as_of`.
-#}
with cohorts as (
    select distinct
        customer_id,
        feature_id,
        exposed_date,
        opted_out_date
    from {{ ref("sums_opt_out_cohorts") }}
    where is_at_risk
),

followed as (
    select
        cohorts.feature_id,
        {{ week_start("cohorts.exposed_date") }} as cohort_week_start_date,
        {{ days_between("cohorts.exposed_date", "cohorts.opted_out_date") }} as opted_out_day,
        {{ days_between("cohorts.exposed_date", "least(" ~ add_days(as_of_date(), -1)
            ~ ", " ~ local_date("customers.closed_at") ~ ")") }} as last_day
    from cohorts
    left join {{ ref("dim_customers") }} as customers
        on cohorts.customer_id = customers.customer_id
),

ends as (
    select
        feature_id,
        cohort_week_start_date,
        least(opted_out_day, last_day) as day_number,
        count(*) as end_count,
        count(case when opted_out_day <= last_day then 1 end) as opt_out_count
    from followed
    where last_day >= 0
    group by feature_id, cohort_week_start_date, least(opted_out_day, last_day)
),

final as (
    select
        feature_id,
        cohort_week_start_date,
        day_number,
        cast(
            sum(end_count) over (
                partition by feature_id, cohort_week_start_date
                order by day_number desc
                rows between unbounded preceding and current row
            ) as bigint
        ) as at_risk_count,
        opt_out_count
    from ends
)

select * from final
