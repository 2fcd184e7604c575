{#-
    How many were enrolled by variation and day, before anybody is left out (who saw two variations counts in the first),
    and the sums by which it shows whether the variations were alike before and whether a first week is like the later ones.
-#}
{%- set names = ["outcome_before", "tenure", "risk", "novelty"] -%}
with enrolled as (
    select
        experiment_id,
        feature_id,
        first_variation_id as variation_id,
        first_variation_role as variation_role,
        enrolled_date,
        count(*) as enrolled_count
    from {{ ref("fct_enrolments") }}
    group by experiment_id, feature_id, first_variation_id, first_variation_role, enrolled_date
),

-- Novelty: two later weeks less twice the first, of one customer.
traits as (
    select
        experiment_id,
        variation_id,
        enrolled_date,
        outcome_before,
        tenure_days as tenure,
        risk_rank as risk,
        later_interactions - 2 * first_week_interactions as novelty
    from {{ ref("sums_experiment_customers") }}
),

sums as (
    select
        {%- for name in names %}
        cast(count({{ name }}) as bigint) as n_{{ name }},
        cast(coalesce(sum({{ name }}), 0) as decimal(38, 4)) as sum_{{ name }},
        cast(coalesce(sum({{ name }} * {{ name }}), 0) as decimal(38, 4)) as sum_{{ name }}_squared,
        {%- endfor %}
        experiment_id,
        variation_id,
        enrolled_date
    from traits
    group by experiment_id, variation_id, enrolled_date
),

final as (
    select
        {%- for name in names %}
        coalesce(sums.n_{{ name }}, 0) as n_{{ name }},
        coalesce(sums.sum_{{ name }}, 0) as sum_{{ name }},
        coalesce(sums.sum_{{ name }}_squared, 0) as sum_{{ name }}_squared,
        {%- endfor %}
        enrolled.experiment_id,
        enrolled.feature_id,
        enrolled.variation_id,
        enrolled.variation_role,
        enrolled.enrolled_date,
        enrolled.enrolled_count
    from enrolled
    left join sums
        on
            enrolled.experiment_id = sums.experiment_id
            and enrolled.variation_id = sums.variation_id
            and enrolled.enrolled_date = sums.enrolled_date
)

select * from final
