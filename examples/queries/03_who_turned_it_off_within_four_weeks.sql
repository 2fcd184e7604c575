-- How many of those who met a feature turned it off within 28 days, by quarter?
select
    feature_id,
    cast(date_trunc('quarter', cohort_week_start_date) as date) as quarter_start_date,
    sum(opt_out_rate_28d_numerator) as opt_outs,
    sum(opt_out_rate_28d_denominator) as customers,
    sum(opt_out_rate_28d_numerator) / sum(opt_out_rate_28d_denominator) as opt_out_rate_28d
from kpi_opt_out_cohorts
where opt_out_rate_28d_denominator > 0
group by feature_id, quarter_start_date
order by feature_id, quarter_start_date;
