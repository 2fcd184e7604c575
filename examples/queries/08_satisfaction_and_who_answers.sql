-- How satisfied are people, and how many of those asked said so?
select
    instrument,
    sum(csat_positive_rate_numerator) / sum(csat_positive_rate_denominator) as csat_positive_rate,
    sum(response_rate_numerator) / nullif(sum(response_rate_denominator), 0) as response_rate,
    sum(csat_positive_rate_denominator) as answers
from kpi_csat_weekly
where segment_type = 'all'
group by instrument
having sum(csat_positive_rate_denominator) > 0
order by instrument;
