-- Does following up on a flow given up bring people back, against the randomised holdout?
select
    flow_id,
    follow_up,
    sum(abandonment_count) as abandonments,
    sum(recovery_rate_numerator) / nullif(sum(recovery_rate_denominator), 0) as recovery_rate,
    max(evidence_type) as evidence_type
from kpi_flow_recovery_weekly
where is_mature
group by flow_id, follow_up
order by flow_id, follow_up;
