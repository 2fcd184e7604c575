select
    source_name,
    table_name,
    received_date,
    received_count
from {{ ref("kpi_data_hygiene_daily") }}
where
    received_count <> (
        quarantined_count
        {%- for verdict in verdicts() %}
        + {{ verdict }}_count
        {%- endfor %}
    )
    or near_duplicate_count > duplicate_count
