-- Do people who get the feature reach their savings goal sooner, and by how much?
select
    feature_id,
    variation_id,
    customer_count,
    reached_count,
    median_weeks,
    rmst_weeks,
    weeks_saved,
    is_practically_significant
from kpi_goal_attainment
order by feature_id, variation_id;
