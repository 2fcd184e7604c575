with setting_events as (
    select
        row_id,
        identifier_key
    from {{ ref("fct_events") }}
    where is_setting_change
),

events as (
    {{ canonical("events", ["row_id", "event_at", "feature_id", "properties"]) }}
),

event_preferences as (
    select
        setting_events.row_id,
        setting_events.identifier_key,
        events.event_at,
        {{ json_text("events.properties", "setting_scope") }} as scope,
        events.feature_id,
        {{ json_text("events.properties", "channel") }} as channel,
        {{ json_text("events.properties", "new_state") }} as new_state,
        cast('customer' as string) as actor
    from setting_events
    inner join events
        on setting_events.row_id = events.row_id
),

record_preferences as (
    {{ kept("preferences", [
        "row_id", "event_at", "scope", "feature_id", "channel", "new_state", "actor",
    ]) }}
),

final as (
    select
        row_id,
        identifier_key,
        event_at,
        scope,
        feature_id,
        channel,
        new_state,
        actor
    from event_preferences
    union all
    select
        row_id,
        identifier_key,
        event_at,
        scope,
        feature_id,
        channel,
        new_state,
        actor
    from record_preferences
)

select * from final
