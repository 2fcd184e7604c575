{{ config(materialized="view") }}
with final as (
    select *
    from {{ ref("fct_judged_messages") }}
    where verdict = 'kept'
)

select * from final
