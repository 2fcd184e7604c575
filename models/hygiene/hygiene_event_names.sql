select
    event_name,
    insight_role,
    is_setting_change,
    is_feedback_prompt,
    is_key_action,
    event_role
from {{ ref("event_taxonomy") }}
