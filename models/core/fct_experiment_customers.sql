{#-
    Which variation each customer was given in each experiment. Somebody in two variations
    belongs to neither.
-#}
with final as (
    select
        identifiers.customer_id,
        assignments.experiment_id,
        experiments.feature_id,
        case
            when count(distinct assignments.variation_id) > 1 then 'mixed'
            else min(assignments.variation_id)
        end as variation_id,
        case
            when count(distinct assignments.variation_id) > 1 then 'mixed'
            else min(assignments.variation_role)
        end as variation_role,
        min(assignments.assigned_at) as assigned_at
    from {{ ref("fct_assignments") }} as assignments
    inner join {{ ref("dim_experiments") }} as experiments
        on assignments.experiment_id = experiments.experiment_id
    inner join {{ ref("dim_identifiers") }} as identifiers
        on assignments.identifier_key = identifiers.identifier_key
    group by identifiers.customer_id, assignments.experiment_id, experiments.feature_id
)

select * from final
