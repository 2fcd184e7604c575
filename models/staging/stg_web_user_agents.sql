select distinct raw_value as user_agent
from {{ ref("stg_field_values") }}
where field = 'user_agent'
