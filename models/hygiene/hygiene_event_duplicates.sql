{#-
    Rows that say what an earlier row said. The table is named in every step, not read once for
    all: an engine would write such a CTE down.
-#}
{%- set keys = ref("hygiene_event_keys") -%}
with copies as (
    {{ repeated_keys(keys) }}
),

-- Two rows that are no copies of each other and yet say the same.
retried as (
    select near_key_digest
    from {{ keys }}
    where near_key_digest is not null
    group by near_key_digest
    having
        min(key_digest) <> max(key_digest)
        or (count(*) > 1 and count(key_digest) < count(*))
),

retries as (
    select events.row_id
    from {{ keys }} as events
    inner join retried
        on events.near_key_digest = retried.near_key_digest
    left join copies
        on events.row_id = copies.row_id
    where copies.row_id is null
    qualify
        row_number() over (
            partition by events.near_key_digest
            order by {{ order_of_arrival("events") }}
        ) > 1
),

final as (
    select
        row_id,
        'duplicate_key' as rule_id
    from copies
    union all
    select
        row_id,
        'near_duplicate' as rule_id
    from retries
)

select * from final
