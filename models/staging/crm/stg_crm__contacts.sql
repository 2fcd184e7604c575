select
    {{ lineage("crm", "contacts") }},
    customer_ref,
    contact_id,
    email,
    phone,
    first_name,
    last_name,
    date_of_birth,
    city,
    concat_ws('/', utm_source, utm_medium, utm_campaign) as utm,
    advertising_id
from {{ source("raw", "crm__contacts") }}
