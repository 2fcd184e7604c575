select
    user_agent,
    bot_name,
    is_crawler_user_agents,
    is_device_detector
from {{ source("user_agents", "classified") }}
