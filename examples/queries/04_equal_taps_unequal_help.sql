-- Which behaviours earn as many taps as others and help less?
select
    model_behaviour,
    sum(tap_count) / sum(prompted_count) as taps_per_question,
    sum(helpful_rate_numerator) / sum(helpful_rate_denominator) as helpful_rate,
    sum(helpful_rate_denominator) as answers
from kpi_micro_feedback_weekly
where is_mature
group by model_behaviour
having sum(helpful_rate_denominator) >= 30
order by helpful_rate;
