select
    {{ lineage("decisioning", "content") }},
    content_id,
    cast(version as string) as version,
    topic,
    tone,
    format,
    risk_level,
    tags,
    conflict_group
from {{ source("raw", "decisioning__content") }}
