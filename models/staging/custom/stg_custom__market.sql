select
    {{ lineage("custom", "market") }},
    symbol,
    price_date,
    price,
    regime
from {{ source("raw", "custom__market") }}
