-- How often did a served decision meet the wrong person, and why?
select
    feature_id,
    sum(false_targeting_rate_numerator) / sum(false_targeting_rate_denominator) as false_targeting_rate,
    sum(ineligible_count) as ineligible,
    sum(after_opt_out_count) as after_opt_out,
    sum(already_owned_count) as already_owned,
    sum(stale_snapshot_count) as stale_snapshot,
    sum(not_relevant_count) as called_irrelevant
from kpi_targeting_weekly
where is_mature
group by feature_id
order by false_targeting_rate desc;
