{{ config(materialized="view") }}
with final as (
    select *
    from {{ ref("fct_judged_preferences") }}
    where verdict = 'kept'
)

select * from final
