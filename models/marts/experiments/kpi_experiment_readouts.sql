{%- set inputs = ["events", "orders", "ledger", "goals"] -%}
with costs as (
    select
        experiments.experiment_id,
        cast(sum(spend.amount) as decimal(18, 2)) as feature_cost
    from {{ ref("sums_experiments") }} as experiments
    inner join {{ ref("fct_spend") }} as spend
        on
            experiments.feature_id = spend.subject
            and spend.subject_type = 'feature'
            and spend.currency_code = '{{ var("reporting_currency") }}'
            and experiments.started_date <= spend.spend_date
            and spend.spend_date < coalesce(experiments.ended_date, experiments.as_of_date)
    group by experiments.experiment_id
),

-- What the feature brought is the lift a customer times those who had it; a cap would take a part
-- of a true lift away.
money as (
    select
        readouts.experiment_id,
        readouts.variation_id,
        readouts.metric_name,
        readouts.segment_type,
        readouts.segment_value,
        cast(
            readouts.absolute_lift * cast(readouts.customer_count as double) as decimal(18, 2)
        ) as incremental_net_revenue,
        costs.feature_cost
    from {{ source("inference", "experiment_readouts") }} as readouts
    inner join costs
        on readouts.experiment_id = costs.experiment_id
    where
        readouts.metric_name = 'net_revenue_28d_raw'
        and readouts.segment_type = 'all'
        and readouts.variation_role <> 'holdout'
),

data_through as (
    {{ data_through(inputs) }}
),

quality as (
    {{ overall_quality(inputs + ["assignments", "exposures"]) }}
),

final as (
    select
        readouts.experiment_id,
        readouts.feature_id,
        readouts.variation_id,
        readouts.variation_role,
        readouts.metric_name,
        readouts.segment_type,
        readouts.segment_value,
        readouts.readout_status,
        readouts.conclusion,
        readouts.customer_count,
        readouts.holdout_count,
        cast(readouts.numerator as decimal(38, 2)) as metric_numerator,
        cast(readouts.denominator as decimal(38, 2)) as metric_denominator,
        readouts.mean,
        readouts.variance,
        readouts.absolute_lift,
        readouts.absolute_lift_ci_lower,
        readouts.absolute_lift_ci_upper,
        readouts.relative_lift,
        readouts.relative_lift_ci_lower,
        readouts.relative_lift_ci_upper,
        readouts.p_value,
        readouts.fdr_p_value,
        readouts.log_rank_p_value,
        readouts.cuped_lift,
        readouts.cuped_lift_ci_lower,
        readouts.cuped_lift_ci_upper,
        readouts.always_valid_ci_lower,
        readouts.always_valid_ci_upper,
        readouts.has_always_valid_harm,
        readouts.minimum_effect,
        metrics.effect_kind,
        metrics.better,
        readouts.minimum_detectable_effect,
        metrics.is_mandatory,
        metrics.is_guardrail,
        metrics.is_vanity,
        readouts.is_short_term_trap,
        money.incremental_net_revenue,
        money.feature_cost,
        cast(money.incremental_net_revenue - money.feature_cost as double)
        / nullif(cast(money.feature_cost as double), 0) as roi,
        cast('{{ var("reporting_currency") }}' as string) as currency_code,
        case when metrics.is_treated_only then 'observational' else 'randomised' end
            as evidence_type,
        readouts.readout_status in ('ok', 'underpowered') as is_mature,
        data_through.data_through_date,
        quality.data_quality
    from {{ source("inference", "experiment_readouts") }} as readouts
    inner join {{ ref("experiment_metrics") }} as metrics
        on readouts.metric_name = metrics.metric_name
    left join money
        on
            readouts.experiment_id = money.experiment_id
            and readouts.variation_id = money.variation_id
            and readouts.metric_name = money.metric_name
            and readouts.segment_type = money.segment_type
            and readouts.segment_value = money.segment_value
    cross join data_through
    cross join quality
)

select * from final
