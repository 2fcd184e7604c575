select
    {{ lineage("experimentation", "stages") }},
    experiment_id,
    stage,
    stage_share,
    started_at
from {{ source("raw", "experimentation__stages") }}
