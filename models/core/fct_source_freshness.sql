{#- How long each source has been silent: as long as the table heard from last. -#}
with final as (
    select
        source_name,
        bool_and(is_closed) as is_closed,
        max(last_received_at) as last_received_at,
        max(last_received_date) as last_received_date,
        min(freshness_hours) as freshness_hours
    from {{ ref("fct_table_freshness") }}
    group by source_name
)

select * from final
