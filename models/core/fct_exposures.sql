{#-
    Who met the place where an experiment's variations differ: from logs of exposures, and from
    product events that say so (Amplitude's, GrowthBook's). Told twice, it is one.
-#}
with told as (
    select
        row_id,
        identifier_key,
        experiment_id,
        variation_id,
        coalesce(is_counterfactual, false) as is_counterfactual,
        exposed_at
    from (
        {{ kept("exposures", [
            "row_id", "experiment_id", "variation_id", "is_counterfactual", "exposed_at",
        ]) }}
    ) as exposures
    union all
    select
        row_id,
        identifier_key,
        experiment_id,
        variation_id,
        false as is_counterfactual,
        event_at as exposed_at
    from {{ ref("fct_events") }}
    where event_role = 'experiment_exposure'
),

roles as (
    select
        experiment_id,
        variation_id,
        min({{ variation_role("variation_role") }}) as variation_role
    from {{ ref("fct_assignments") }}
    group by experiment_id, variation_id
),

exposures as (
    select *
    from told
    where
        experiment_id is not null
        and variation_id is not null
    qualify
        row_number() over (
            partition by identifier_key, experiment_id, variation_id, exposed_at
            order by is_counterfactual desc, row_id asc
        ) = 1
),

-- Most SDKs log the holdout's exposures as any other's: nothing was shown in them all the same.
final as (
    select
        exposures.row_id,
        exposures.identifier_key,
        exposures.experiment_id,
        exposures.variation_id,
        case
            when exposures.is_counterfactual then 'holdout'
            else coalesce(roles.variation_role, {{ variation_role("exposures.variation_id") }})
        end as variation_role,
        exposures.is_counterfactual
        or coalesce(roles.variation_role, {{ variation_role("exposures.variation_id") }})
        = 'holdout' as is_counterfactual,
        exposures.exposed_at
    from exposures
    left join roles
        on
            exposures.experiment_id = roles.experiment_id
            and exposures.variation_id = roles.variation_id
)

select * from final
