{{ config(materialized="view") }}
{%- for judge in ["hygiene_events", "hygiene_records"] %}
select
    source_name,
    table_name,
    row_id,
    received_date,
    received_at,
    missing_expected_count,
    is_late,
    rule_hits,
    verdict
from {{ ref(judge) }}
{{ "union all" if not loop.last }}
{%- endfor %}
