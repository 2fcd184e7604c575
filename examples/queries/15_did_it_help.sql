-- Did the feature help, by the metric declared beforehand, and may the experiment be read at all?
select
    health.feature_id,
    health.readout_status,
    health.runtime_days,
    readouts.metric_name,
    readouts.customer_count,
    readouts.holdout_count,
    readouts.absolute_lift,
    readouts.absolute_lift_ci_lower,
    readouts.absolute_lift_ci_upper,
    readouts.minimum_effect,
    readouts.conclusion
from kpi_experiment_health as health
inner join kpi_experiment_readouts as readouts
    on
        health.experiment_id = readouts.experiment_id
        and health.primary_metric = readouts.metric_name
        and readouts.segment_type = 'all'
        and readouts.variation_role = 'treatment'
order by health.feature_id, readouts.variation_id;
