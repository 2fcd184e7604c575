{{ judged("messages", [
    "source_name", "row_id", "message_event_id", "event_at", "kind", "channel", "campaign_id",
    "journey_id", "coordination_id", "decision_id", "offer_id", "content_id", "send_id",
    "trigger_event_id", "segment_computed_at", "rendered_amount", "rendered_step", "timezone",
], standardised={"channel": "channel", "timezone": "timezone"}) }}
