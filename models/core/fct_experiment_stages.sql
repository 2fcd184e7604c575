{{ kept("experiment_stages", ["experiment_id", "stage", "stage_share", "started_at"]) }}
