{#-
    All that judging knows of an event, so that nothing after it reads the wide rows again. Kept
    from run to run: a batch is read when it is new or is no more as it was. A row is made of its
    own row alone, so that nothing else matters.
-#}
{{ config(materialized="incremental", incremental_strategy="batches") }}
with batches as (
    {{ batches_to_read(["events"]) }}
),

events as (
    {{ canonical("events", [
        "row_id", "received_date", "event_at", "received_at", "missing_expected_count",
        "key_digest", "near_key_digest", "content_digest", "ip", "session_id",
        "session_expires_at", "event_name", "platform", "user_agent", "target_id", "is_test",
    ] + canonical_tables()["events"]["identifiers"]) }}
),

final as (
    select
        batches.batch_digest,
        events.source_name,
        events.table_name,
        events.row_id,
        events.received_date,
        events.event_at,
        events.received_at,
        events.missing_expected_count,
        events.key_digest,
        events.near_key_digest,
        events.content_digest,
        {{ row_identifier_digest(canonical_tables()["events"]["identifiers"]) }}
            as identifier_digest,
        {{ digest("coalesce(events.device_id, events.anonymous_id, events.ip)") }} as device_key,
        events.session_id,
        events.event_name,
        coalesce(lower(events.platform) = 'web', false) as is_web,
        case when lower(events.platform) = 'web' then events.user_agent end as user_agent,
        coalesce(events.target_id like '%/robots.txt', false) as is_robots_txt,
        coalesce(events.is_test, false) as is_test,
        coalesce(events.event_at > events.session_expires_at, false) as is_expired_session
    from events
    inner join batches
        on
            events.source_name = batches.source_name
            and events.table_name = batches.table_name
            and events.received_date = batches.received_date
)

select * from final
