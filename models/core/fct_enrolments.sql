{#-
    Who is in an experiment's comparison, since when, and in which arm. Where the holdout logs the
    exposures it would have had, both arms begin with the first of them; elsewhere an exposure
    exists in one arm only, so both begin with the assignment.
-#}
with sightings as (
    select
        identifier_key,
        experiment_id,
        variation_id,
        {{ variation_role("variation_role") }} as variation_role,
        assigned_at,
        cast(null as timestamp) as exposed_at
    from {{ ref("fct_assignments") }}
    union all
    select
        identifier_key,
        experiment_id,
        variation_id,
        variation_role,
        cast(null as timestamp) as assigned_at,
        exposed_at
    from {{ ref("fct_exposures") }}
),

-- A variation that is told in both roles is held out: one role, or it would be in both arms.
roles as (
    select
        experiment_id,
        variation_id,
        min(variation_role) as variation_role
    from sightings
    group by experiment_id, variation_id
),

customer_sightings as (
    select
        identifiers.customer_id,
        sightings.experiment_id,
        experiments.feature_id,
        experiments.started_at,
        sightings.variation_id,
        roles.variation_role,
        sightings.assigned_at,
        sightings.exposed_at,
        row_number() over (
            partition by identifiers.customer_id, sightings.experiment_id
            order by
                coalesce(sightings.assigned_at, sightings.exposed_at),
                sightings.variation_id
        ) as place
    from sightings
    inner join roles
        on
            sightings.experiment_id = roles.experiment_id
            and sightings.variation_id = roles.variation_id
    inner join {{ ref("dim_experiments") }} as experiments
        on sightings.experiment_id = experiments.experiment_id
    inner join {{ ref("dim_identifiers") }} as identifiers
        on sightings.identifier_key = identifiers.identifier_key
    where
        experiments.ended_at is null
        or coalesce(sightings.exposed_at, sightings.assigned_at) < experiments.ended_at
),

customers as (
    select
        customer_id,
        experiment_id,
        feature_id,
        started_at,
        max(case when place = 1 then variation_id end) as first_variation_id,
        max(case when place = 1 then variation_role end) as first_variation_role,
        count(distinct variation_id) > 1 as is_mixed,
        min(assigned_at) as assigned_at,
        min(exposed_at) as exposed_at
    from customer_sightings
    group by customer_id, experiment_id, feature_id, started_at
),

counterfactuals as (
    select distinct experiment_id
    from {{ ref("fct_exposures") }}
    where is_counterfactual
),

enrolled as (
    select
        customers.*,
        counterfactuals.experiment_id is not null as is_by_exposure
    from customers
    left join counterfactuals
        on customers.experiment_id = counterfactuals.experiment_id
    where
        case
            when counterfactuals.experiment_id is not null then customers.exposed_at is not null
            else customers.assigned_at is not null
        end
),

-- An exposure before the assignment, or an assignment before the start, counts from the later.
dated as (
    select
        *,
        case
            when is_by_exposure
                then greatest(coalesce(assigned_at, exposed_at), exposed_at, started_at)
            else greatest(assigned_at, started_at)
        end as enrolled_at
    from enrolled
),

final as (
    select
        experiment_id,
        customer_id,
        feature_id,
        case when is_mixed then 'mixed' else first_variation_id end as variation_id,
        case when is_mixed then 'mixed' else first_variation_role end as variation_role,
        first_variation_id,
        first_variation_role,
        is_mixed,
        assigned_at,
        enrolled_at,
        {{ local_date("enrolled_at") }} as enrolled_date,
        case when is_by_exposure then 'exposure' else 'assignment' end as enrolled_by
    from dated
)

select * from final
