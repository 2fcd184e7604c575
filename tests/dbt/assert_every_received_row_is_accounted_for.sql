-- Counted from the lake itself, beside the verdicts: a row that a join lost or doubled shows here.
with landed as (
    {%- for table, contract in canonical_tables().items() %}
    {%- for model in contract["models"] %}
    select
        source_name,
        table_name,
        received_date,
        count(*) as landed_count
    from {{ ref(model) }}
    group by source_name, table_name, received_date
    union all
    {%- endfor %}
    {%- endfor %}
    select
        source_name,
        table_name,
        received_date,
        0 as landed_count
    from {{ ref("stg_lake__quarantined_rows") }}
),

batches as (
    select
        source_name,
        table_name,
        received_date,
        sum(landed_count) as landed_count
    from landed
    group by source_name, table_name, received_date
)

select
    batches.source_name,
    batches.table_name,
    batches.received_date,
    batches.landed_count,
    judged.landed_count as judged_count
from batches
full outer join {{ ref("hygiene_batches") }} as judged
    on
        batches.source_name = judged.source_name
        and batches.table_name = judged.table_name
        and batches.received_date = judged.received_date
where batches.landed_count is distinct from judged.landed_count
