-- What do people complain about, and on which days more than could be expected?
select
    theme,
    feature_id,
    sum(ticket_count) as tickets,
    count(case when is_spike then 1 end) as spike_days,
    max(activity_date) filter (where is_spike) as last_spike_date
from kpi_support_themes_daily
group by theme, feature_id
having sum(ticket_count) > 0
order by tickets desc, theme, feature_id;
