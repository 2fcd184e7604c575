select
    {{ lineage("decisioning", "filter_reviews") }},
    review_id,
    decision_id,
    requested_at,
    reviewed_at,
    review_status,
    reason
from {{ source("raw", "decisioning__filter_reviews") }}
