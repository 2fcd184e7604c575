{{ kept("assignments", [
    "row_id", "experiment_id", "unit_type", "variation_id", "variation_role", "assigned_at",
    "eligible_at",
]) }}
