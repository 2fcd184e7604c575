{#- Until which day each canonical table is known: as far as all that bring it were heard from. -#}
with sources as (
    select
        contracts.canonical_table,
        freshness.last_received_date,
        freshness.is_closed
    from {{ ref("dim_contracts") }} as contracts
    inner join {{ ref("fct_source_freshness") }} as freshness
        on contracts.source_name = freshness.source_name
    where contracts.is_active
),

final as (
    select
        canonical_table,
        coalesce(
            min(case when not is_closed then last_received_date end), max(last_received_date)
        ) as last_received_date
    from sources
    group by canonical_table
)

select * from final
