-- What became of the insights that were served: acted on, waved off, or ignored?
select
    feature_id,
    model_behaviour,
    sum(served_count) as served,
    sum(acted_rate_numerator) / sum(acted_rate_denominator) as acted_rate,
    sum(dismissed_rate_numerator) / sum(dismissed_rate_denominator) as dismissed_rate,
    sum(solved_rate_numerator) / nullif(sum(solved_rate_denominator), 0) as solved_rate
from kpi_insight_outcomes_weekly
where is_mature
group by feature_id, model_behaviour
order by feature_id, model_behaviour;
