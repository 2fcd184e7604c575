select
    {{ lineage("custom", "contacts") }},
    customer_ref,
    contact_id,
    email,
    phone,
    first_name,
    last_name,
    date_of_birth,
    city,
    utm,
    advertising_id
from {{ source("raw", "custom__contacts") }}
