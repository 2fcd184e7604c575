{{ judged("feedback", [
    "source_name", "table_name", "row_id", "response_id", "event_at", "received_at",
    "instrument", "prompt_id", "invited_at", "insight_id", "decision_id", "answer",
    "scale_min", "scale_max",
]) }}
