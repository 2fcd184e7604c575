{{ kept("overrides", ["override_id", "feature_id", "signed_at", "signed_by", "reason"]) }}
