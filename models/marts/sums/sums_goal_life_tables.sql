{{ life_table(
    ref("sums_goal_waits"), ["feature_id", "experiment_id", "variation_id", "variation_role"]
) }}
