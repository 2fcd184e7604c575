select
    {{ lineage("custom", "content") }},
    content_id,
    version,
    topic,
    tone,
    format,
    risk_level,
    tags,
    conflict_group
from {{ source("raw", "custom__content") }}
