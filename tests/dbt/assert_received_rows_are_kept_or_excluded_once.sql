select
    source_name,
    table_name,
    received_date,
    received_count
from {{ ref("kpi_data_hygiene_daily") }}
where
    received_count <> (
        kept_count
        + quarantined_count
        + duplicate_count
        + bot_count
        + test_count
        + expired_session_count
        + stale_count
        + erased_count
    )
    or near_duplicate_count > duplicate_count
