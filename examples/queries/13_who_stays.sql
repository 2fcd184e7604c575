-- Who stays 30, 90 and 180 days, by the risk segment they were in?
select
    segment_value,
    sum(customer_count) as customers,
    sum(retention_d30_numerator) / sum(retention_d30_denominator) as retention_d30,
    sum(retention_d90_numerator) / nullif(sum(retention_d90_denominator), 0) as retention_d90,
    sum(retention_d180_numerator) / nullif(sum(retention_d180_denominator), 0) as retention_d180
from kpi_retention_cohorts
where segment_type = 'risk_segment'
group by segment_value
order by segment_value;
