{%- set inputs = ["events", "orders", "ledger", "goals"] -%}
with stages as (
    select
        experiment_id,
        stage,
        stage_share
    from {{ ref("fct_experiment_stages") }}
    where started_at < {{ as_of() }}
    qualify
        row_number() over (
            partition by experiment_id
            order by stage desc, started_at desc, stage_share desc
        ) = 1
),

data_through as (
    {{ data_through(inputs) }}
),

quality as (
    {{ overall_quality(inputs + ["assignments", "exposures"]) }}
),

final as (
    select
        experiments.experiment_id,
        experiments.feature_id,
        experiments.kind,
        experiments.started_date,
        experiments.ended_date,
        experiments.is_running,
        health.readout_status,
        health.conclusion,
        health.is_neutral_with_power,
        experiments.runtime_days,
        experiments.planned_days,
        health.treated_count,
        health.holdout_count,
        health.followed_count,
        experiments.mixed_count as mixed_variation_count,
        health.holdout_share,
        experiments.planned_holdout_share,
        health.is_holdout_out_of_range,
        health.srm_p_value,
        health.is_srm_failed,
        health.outcome_before_p_value,
        health.tenure_p_value,
        health.risk_p_value,
        health.is_unbalanced,
        health.novelty_change,
        health.novelty_change_ci_lower,
        health.novelty_change_ci_upper,
        health.is_novelty,
        experiments.overlapping_release_count,
        experiments.primary_metric,
        experiments.minimum_effect,
        health.effect_kind,
        health.minimum_detectable_effect,
        health.days_to_planned_effect,
        health.is_missing_metric,
        health.has_always_valid_harm,
        health.harm_metric,
        cast(stages.stage as bigint) as rollout_stage,
        cast(stages.stage_share as double) as rollout_stage_share,
        -- More customers may follow who are served as well as those before them.
        not health.has_always_valid_harm
        and health.readout_status not in ('srm_failed', 'unbalanced', 'holdout_out_of_range')
        and coalesce(health.conclusion, 'none') <> 'harm' as is_stage_gate_open,
        health.followed_count > 0
        and experiments.runtime_days >= greatest(experiments.min_days, experiments.planned_days)
            as is_mature,
        data_through.data_through_date,
        quality.data_quality
    from {{ ref("sums_experiments") }} as experiments
    inner join {{ source("inference", "experiment_health") }} as health
        on experiments.experiment_id = health.experiment_id
    left join stages
        on experiments.experiment_id = stages.experiment_id
    cross join data_through
    cross join quality
)

select * from final
