{#-
    Per feature, variation and day: for how many customers who had met the feature it was on at the start of the
    day, and how many turned it off for the first time on it. Somebody who turned it on again counts again.
-#}
with cohorts as (
    select *
    from {{ ref("sums_opt_out_cohorts") }}
),

states as (
    select
        cohorts.feature_id,
        cohorts.experiment_id,
        cohorts.variation_id,
        cohorts.exposed_date,
        {{ local_date("states.valid_from") }} as changed_date,
        states.is_enabled,
        coalesce(
            lag(states.is_enabled) over (
                partition by
                    cohorts.customer_id, cohorts.feature_id, cohorts.experiment_id
                order by states.valid_from asc
            ),
            true
        ) as was_enabled
    from cohorts
    inner join {{ ref("fct_feature_states") }} as states
        on
            cohorts.customer_id = states.customer_id
            and cohorts.feature_id = states.feature_id
),

marks as (
    select
        feature_id,
        experiment_id,
        variation_id,
        {{ add_days("exposed_date", 1) }} as activity_date,
        1 as exposed_enabled_count,
        0 as opt_out_count
    from cohorts
    union all
    -- A change before the first exposure takes effect with it.
    select
        feature_id,
        experiment_id,
        variation_id,
        {{ add_days("greatest(changed_date, exposed_date)", 1) }} as activity_date,
        case when is_enabled then 1 else -1 end as exposed_enabled_count,
        0 as opt_out_count
    from states
    where is_enabled <> was_enabled
    union all
    select
        feature_id,
        experiment_id,
        variation_id,
        opted_out_date as activity_date,
        0 as exposed_enabled_count,
        1 as opt_out_count
    from cohorts
    where
        is_at_risk
        and opted_out_date is not null
),

{{ levels_by_day(
    "marks",
    ["feature_id", "experiment_id", "variation_id"],
    ["exposed_enabled_count"],
    ["opt_out_count"],
) }}

select * from final
