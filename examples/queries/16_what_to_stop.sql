-- What should become of each feature, since when and why, and how often did late data correct a verdict?
with latest as (
    select *
    from kpi_feature_verdicts_weekly
    qualify row_number() over (partition by feature_id order by week_start_date desc) = 1
),

corrections as (
    select
        feature_id,
        count(*) as correction_count
    from verdict_history
    where revision > 1
    group by feature_id
)

select
    latest.feature_id,
    latest.verdict,
    latest.rollout_action,
    latest.since_week_start_date,
    latest.entered_because,
    latest.next_step,
    latest.next_step_date,
    coalesce(corrections.correction_count, 0) as correction_count
from latest
left join corrections
    on latest.feature_id = corrections.feature_id
order by latest.feature_id;
