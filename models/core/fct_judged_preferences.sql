with event_preferences as (
    select
        verdict,
        row_id,
        identifier_key,
        event_at,
        setting_scope as scope,
        feature_id,
        setting_channel as channel,
        setting_state as new_state,
        cast('customer' as string) as actor
    from {{ ref("fct_judged_events") }}
    where is_setting_change
),

record_preferences as (
    {{ judged("preferences", [
        "row_id", "event_at", "scope", "feature_id", "channel", "new_state", "actor",
    ]) }}
),

changes as (
    select * from event_preferences
    union all
    select
        verdict,
        row_id,
        identifier_key,
        event_at,
        scope,
        feature_id,
        channel,
        new_state,
        actor
    from record_preferences
),

channels as (
    select
        raw_value,
        standard_value
    from {{ ref("hygiene_standard_values") }}
    where field = 'channel'
),

final as (
    select
        changes.verdict,
        changes.row_id,
        changes.identifier_key,
        changes.event_at,
        changes.scope,
        changes.feature_id,
        coalesce(channels.standard_value, changes.channel) as channel,
        changes.new_state,
        changes.actor
    from changes
    left join channels
        on lower(trim(changes.channel)) = channels.raw_value
)

select * from final
