{#-
    AI features: those of the registry, and those that only an experiment or a rollout speaks of.
-#}
with registered as (
    {{ kept("features", ["feature_id", "owner", "registered_at", "launched_at", "description"]) }}
),

rollouts as (
    select
        feature_id,
        min(released_at) as first_rollout_at
    from {{ ref("fct_releases") }}
    where kind = 'feature_rollout'
    group by feature_id
),

feature_ids as (
    select feature_id from registered
    union
    select feature_id from {{ ref("dim_experiments") }}
    union
    select feature_id from rollouts
),

final as (
    select
        feature_ids.feature_id,
        registered.owner,
        registered.registered_at,
        coalesce(registered.launched_at, rollouts.first_rollout_at) as launched_at,
        registered.description
    from feature_ids
    left join registered
        on feature_ids.feature_id = registered.feature_id
    left join rollouts
        on feature_ids.feature_id = rollouts.feature_id
)

select * from final
