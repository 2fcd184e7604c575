{{ kept("customers", [
    "row_id", "event_at", "signed_up_at", "closed_at", "deleted_at", "timezone", "country",
    "lifecycle_stage", "risk_segment", "risk_rating", "valid_from",
], standardised={
    "timezone": "timezone",
    "country": "country",
    "lifecycle_stage": "lifecycle_stage",
    "risk_segment": "risk_segment",
}) }}
