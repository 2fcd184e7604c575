{#
    Who met a feature, in which variation, and when they first turned it off.

    customers: as feature_customers gives them.
    by: further key columns.
#}
{% macro opt_out_cohorts(customers, by=[]) -%}
    with exposed as (
        select
            {{ keys(by, "customers") }}
            customer_id,
            feature_id,
            first_exposed_at,
            {{ local_date("first_exposed_at") }} as exposed_date,
            {{ local_date("first_opted_out_at") }} as opted_out_date,
            first_opted_out_at is null
            or first_opted_out_at >= first_exposed_at as is_at_risk
        from {{ customers }} as customers
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
            {{ keys(by, "exposed") }}
            exposed.customer_id,
            exposed.feature_id,
            coalesce(assignments.experiment_id, 'none') as experiment_id,
            case
                when assignments.variation_count > 1 then 'mixed'
                else coalesce(assignments.variation_id, 'none')
            end as variation_id,
            exposed.first_exposed_at,
            exposed.exposed_date,
            exposed.opted_out_date,
            exposed.is_at_risk
        from exposed
        left join assignments
            on
                exposed.customer_id = assignments.customer_id
                and exposed.feature_id = assignments.feature_id
    )

    select * from final
{%- endmacro %}
