select
    {{ lineage("braze", "user_orphans") }},
    cast('profile_id' as string) as identifier_type,
    'braze:' || orphaned_by_id as identifier_value,
    cast('profile_id' as string) as merged_identifier_type,
    'braze:' || user_id as merged_identifier_value,
    id as merge_id
from {{ source("raw", "braze__user_orphans") }}
