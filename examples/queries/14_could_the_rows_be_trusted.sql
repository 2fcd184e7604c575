-- What share of what each source delivered was kept, and what was the rest?
select
    source_name,
    sum(received_count) as received,
    sum(kept_count) / sum(received_count) as kept_share,
    sum(duplicate_count) as duplicates,
    sum(bot_count) as bots,
    sum(test_count) as tests,
    sum(quarantined_count) as quarantined
from kpi_data_hygiene_daily
group by source_name
order by source_name;
