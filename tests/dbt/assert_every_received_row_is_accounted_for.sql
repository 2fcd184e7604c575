-- Counted by the names of the lake's files: a row that a join lost or doubled shows here.
with received as (
    select
        source_name,
        table_name,
        received_date,
        row_count as landed_count
    from {{ ref("stg_lake__batches") }}
    where row_count > 0
),

judged as (
    select
        source_name,
        table_name,
        received_date,
        landed_count
    from {{ ref("hygiene_batches") }}
    where landed_count > 0
)

select
    coalesce(received.source_name, judged.source_name) as source_name,
    coalesce(received.table_name, judged.table_name) as table_name,
    coalesce(received.received_date, judged.received_date) as received_date,
    received.landed_count,
    judged.landed_count as judged_count
from received
full outer join judged
    on
        received.source_name = judged.source_name
        and received.table_name = judged.table_name
        and received.received_date = judged.received_date
where received.landed_count is distinct from judged.landed_count
