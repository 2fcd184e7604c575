{{ config(materialized="view") }}
with final as (
    select
        row_id,
        identifier_key,
        event_at,
        scope,
        feature_id,
        channel,
        new_state,
        actor
    from {{ ref("fct_judged_preferences") }}
    where verdict = 'kept'
)

select * from final
