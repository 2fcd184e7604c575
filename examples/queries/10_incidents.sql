-- Which compliance rules were broken by the state as of serving, and which incidents must be reported?
select
    rule_id,
    severity,
    sum(incident_count) as incidents,
    sum(reportable_incident_count) as reportable_incidents,
    max(activity_date) filter (where incident_count > 0) as last_incident_date
from kpi_compliance_daily
group by rule_id, severity
order by reportable_incidents desc, incidents desc, rule_id;
