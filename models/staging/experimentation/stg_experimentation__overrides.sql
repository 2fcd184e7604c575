select
    {{ lineage("experimentation", "overrides") }},
    override_id,
    feature_id,
    signed_at,
    signed_by,
    reason
from {{ source("raw", "experimentation__overrides") }}
