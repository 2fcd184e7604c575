{{ config(materialized="view") }}
{%- set judges = ["hygiene_events", "hygiene_messages", "hygiene_records"] -%}
{%- for judge in judges %}
select
    source_name,
    table_name,
    row_id,
    received_date,
    received_at,
    identifier_key,
    missing_expected_count,
    is_near_duplicate,
    is_unmapped,
    is_late,
    verdict
from {{ ref(judge) }}
{{ "union all" if not loop.last }}
{%- endfor %}
