select
    {{ lineage("experimentation", "features") }},
    feature_id,
    registered_at,
    owner,
    launched_at,
    description
from {{ source("raw", "experimentation__features") }}
