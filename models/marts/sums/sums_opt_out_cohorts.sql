{#- Who met a feature, in which variation, and when they first turned it off. -#}
with customers as (
    select
        customer_id,
        feature_id,
        first_exposed_at,
        {{ local_date("first_exposed_at") }} as exposed_date,
        {{ local_date("first_opted_out_at") }} as opted_out_date,
        first_opted_out_at is null
        or first_opted_out_at >= first_exposed_at as is_at_risk
    from {{ ref("fct_feature_customers") }}
),

assignments as (
    select
        identifiers.customer_id,
        experiments.feature_id,
        assignments.experiment_id,
        min(assignments.variation_id) as variation_id,
        count(distinct assignments.variation_id) as variation_count
    from {{ ref("fct_assignments") }} as assignments
    inner join {{ ref("dim_experiments") }} as experiments
        on assignments.experiment_id = experiments.experiment_id
    inner join {{ ref("dim_identifiers") }} as identifiers
        on assignments.identifier_key = identifiers.identifier_key
    group by identifiers.customer_id, experiments.feature_id, assignments.experiment_id
),

-- Somebody in two variations of one experiment belongs to neither.
final as (
    select
        customers.customer_id,
        customers.feature_id,
        coalesce(assignments.experiment_id, 'none') as experiment_id,
        case
            when assignments.variation_count > 1 then 'mixed'
            else coalesce(assignments.variation_id, 'none')
        end as variation_id,
        customers.first_exposed_at,
        customers.exposed_date,
        customers.opted_out_date,
        customers.is_at_risk
    from customers
    left join assignments
        on
            customers.customer_id = assignments.customer_id
            and customers.feature_id = assignments.feature_id
)

select * from final
