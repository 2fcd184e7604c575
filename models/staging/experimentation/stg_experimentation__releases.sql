select
    {{ lineage("experimentation", "releases") }},
    release_id,
    feature_id,
    kind,
    released_at,
    stage_share,
    rolled_back_at,
    fix_for_feature_id
from {{ source("raw", "experimentation__releases") }}
