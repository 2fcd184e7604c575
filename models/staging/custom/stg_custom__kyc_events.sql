select
    {{ lineage("custom", "kyc_events") }},
    customer_ref,
    kyc_applicant_id,
    kyc_event_id,
    applicant_status,
    answer,
    level,
    jurisdiction,
    sanctions,
    aml_state,
    product_scope,
    valid_from,
    is_test
from {{ source("raw", "custom__kyc_events") }}
