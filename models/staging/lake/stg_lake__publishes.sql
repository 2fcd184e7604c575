select
    published_at,
    as_of,
    last_file_no
from {{ source("raw", "publishes") }}
