-- Only an event without any identifier may be nobody's.
select events.row_id
from {{ ref("fct_events") }} as events
left join {{ ref("dim_identifiers") }} as identifiers
    on events.identifier_key = identifiers.identifier_key
where
    events.identifier_key is not null
    and identifiers.customer_id is null
