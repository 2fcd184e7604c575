select
    customer_id,
    current_customer_id
from {{ source("resolver", "retired_customers") }}
