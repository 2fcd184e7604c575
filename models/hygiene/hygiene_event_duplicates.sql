with events as (
    {{ keyed_rows("events", [
        "app_id", "device_id", "event_name", "client_event_at", "properties",
    ]) }}
),

-- A cheap pre-filter: only rows that share a device, an event name and a client clock time
-- are compared by their properties.
shared_moments as (
    select
        source_name,
        app_id,
        device_id,
        event_name,
        client_event_at
    from events
    where
        not is_duplicate
        and device_id is not null
        and client_event_at is not null
    group by all
    having count(*) > 1
),

-- A client that retries sends the same payload with the same clock time under a new insert id.
near_duplicates as (
    select events.row_id
    from events
    inner join shared_moments
        on
            events.source_name = shared_moments.source_name
            and events.app_id is not distinct from shared_moments.app_id
            and events.device_id = shared_moments.device_id
            and events.event_name = shared_moments.event_name
            and events.client_event_at = shared_moments.client_event_at
    where not events.is_duplicate
    qualify
        row_number() over (
            partition by
                events.source_name,
                events.app_id,
                events.device_id,
                events.event_name,
                events.client_event_at,
                events.properties
            order by events.received_at asc, events.event_at asc, events.row_id asc
        ) > 1
),

final as (
    select
        events.source_name,
        events.table_name,
        events.row_id,
        events.received_date,
        events.event_at,
        events.received_at,
        events.missing_expected_count,
        events.identifier_key,
        events.is_duplicate,
        near_duplicates.row_id is not null as is_near_duplicate
    from events
    left join near_duplicates
        on events.row_id = near_duplicates.row_id
)

select * from final
