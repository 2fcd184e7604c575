select
    {{ lineage("segment", "aliases") }},
    cast('customer_ref' as string) as identifier_type,
    user_id as identifier_value,
    -- A former id is taken for a visitor's, so that no call can make one customer of two.
    cast('anonymous_id' as string) as merged_identifier_type,
    previous_id as merged_identifier_value,
    id as merge_id
from {{ source("raw", "segment__aliases") }}
