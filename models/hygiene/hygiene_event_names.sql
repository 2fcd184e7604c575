select
    event_name,
    insight_role,
    is_setting_change,
    is_feedback_prompt
from {{ ref("event_taxonomy") }}
