select
    change_number,
    changed_at,
    change_type,
    customer_id,
    other_customer_id,
    cause_left_key,
    cause_right_key,
    cause
from {{ source("resolver", "identity_changes") }}
