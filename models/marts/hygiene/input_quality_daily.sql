{#-
    Per source, table and received date: did every gate rule pass that judged it? A source's own verdicts hold for
    each of its tables: a gap for its day, silence from the last day received until now.
-#}
with tables as (
    select
        source_name,
        table_name,
        canonical_table,
        is_active
    from {{ ref("dim_contracts") }}
),

batches as (
    select
        source_name,
        table_name,
        received_date,
        status
    from {{ source("gates", "results") }}
    where gate = 'batches'
),

days as (
    select
        results.source_name,
        tables.table_name,
        results.received_date,
        results.status
    from {{ source("gates", "results") }} as results
    inner join tables
        on
            results.source_name = tables.source_name
            and tables.is_active
    where
        results.gate = 'sources'
        and results.metric <> 'freshness_hours'
),

silences as (
    select
        results.source_name,
        tables.table_name,
        {{ date_range("freshness.last_received_date", as_of_date()) }} as received_date,
        results.status
    from {{ source("gates", "results") }} as results
    inner join tables
        on
            results.source_name = tables.source_name
            and tables.is_active
    inner join {{ ref("fct_source_freshness") }} as freshness
        on results.source_name = freshness.source_name
    where
        results.gate = 'sources'
        and results.metric = 'freshness_hours'
        and results.status <> 'passed'
),

verdicts as (
    select * from batches
    union all
    select * from days
    union all
    select * from silences
),

final as (
    select
        tables.canonical_table,
        verdicts.source_name,
        verdicts.table_name,
        verdicts.received_date,
        {{ week_start("verdicts.received_date") }} as week_start_date,
        bool_or(verdicts.status <> 'passed') as is_degraded
    from verdicts
    inner join tables
        on
            verdicts.source_name = tables.source_name
            and verdicts.table_name = tables.table_name
    group by all
)

select * from final
