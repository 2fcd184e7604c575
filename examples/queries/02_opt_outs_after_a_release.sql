-- Did first opt-outs rise after a release, for whom the feature was shown and on?
select
    feature_id,
    min(case when is_rising then activity_date end) as first_rising_date,
    count(case when is_rising then 1 end) as rising_days,
    count(is_rising) as judged_days
from kpi_opt_out_daily
where is_mature
group by feature_id
order by rising_days desc, feature_id;
