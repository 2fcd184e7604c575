select
    {{ lineage("amplitude", "merged_ids") }},
    cast('profile_id' as string) as identifier_type,
    'amplitude:' || cast(amplitude_id as string) as identifier_value,
    cast('profile_id' as string) as merged_identifier_type,
    'amplitude:' || cast(merged_amplitude_id as string) as merged_identifier_value
from {{ source("raw", "amplitude__merged_ids") }}
