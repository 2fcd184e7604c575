-- Which channels repeat or contradict each other within a day?
select
    channel_a,
    channel_b,
    sum(message_count) as messages,
    sum(duplicate_message_rate_numerator) / sum(duplicate_message_rate_denominator) as duplicate_message_rate,
    sum(contradiction_rate_numerator) / sum(contradiction_rate_denominator) as contradiction_rate
from kpi_coordination_weekly
where is_mature
group by channel_a, channel_b
order by duplicate_message_rate desc nulls last, channel_a, channel_b;
