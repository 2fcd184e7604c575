select
    identifier_key,
    customer_id,
    valid_from,
    valid_to
from {{ source("resolver", "identifier_history") }}
