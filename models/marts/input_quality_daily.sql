{#- For each canonical table and received date: did every gate rule that judged it pass? -#}
select
    contracts.canonical_table,
    results.source_name,
    results.table_name,
    results.received_date,
    {{ week_start("results.received_date") }} as week_start_date,
    bool_or(results.status <> 'passed') as is_degraded
from {{ source("gates", "results") }} as results
inner join {{ ref("dim_contracts") }} as contracts
    on
        results.source_name = contracts.source_name
        and results.table_name = contracts.table_name
where results.gate = 'batches'
group by all
