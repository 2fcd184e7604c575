{#-
    All that judging knows of an event, so that nothing after it reads the wide rows again. Kept
    from run to run: a batch is read when it is new or is no more as it was. A row is made of its
    own row alone, so that nothing else matters.
-#}
{{ config(materialized="incremental", incremental_strategy="batches") }}
{%- set columns = {
    "row_id": "row_id",
    "event_at": "event_at",
    "received_at": "received_at",
    "missing_expected_count": "missing_expected_count",
    "key_digest": "key_digest",
    "near_key_digest": "near_key_digest",
    "content_digest": "content_digest",
    "identifier_digest": row_identifier_digest(canonical_tables()["events"]["identifiers"]),
    "device_key": first_digest(["device_id", "anonymous_id", "ip"]),
    "session_digest": digest("session_id"),
    "event_name": "event_name",
    "is_web": "coalesce(lower(platform) = 'web', false)",
    "user_agent": "case when lower(platform) = 'web' then user_agent end",
    "is_robots_txt": "coalesce(target_id like '%/robots.txt', false)",
    "is_test": "coalesce(is_test, false)",
    "is_expired_session": "coalesce(event_at > session_expires_at, false)",
} -%}
with batches as (
    {{ batches_to_read(["events"]) }}
),

-- Columns are made before the join, while the engine still has their values as a dictionary.
final as (
    {%- for model in canonical_tables()["events"]["models"] %}
    select
        {%- for column in columns %}
        events.{{ column }},
        {%- endfor %}
        batches.source_name,
        batches.table_name,
        batches.received_date,
        batches.batch_digest
    from (
        select
            {%- for column, made in columns.items() %}
            {{ made }} as {{ column }},
            {%- endfor %}
            source_name,
            table_name,
            received_date
        from {{ ref(model) }}
    ) as events
    inner join batches
        on
            events.source_name = batches.source_name
            and events.table_name = batches.table_name
            and events.received_date = batches.received_date
    {{ "union all" if not loop.last }}
    {%- endfor %}
)

select * from final
