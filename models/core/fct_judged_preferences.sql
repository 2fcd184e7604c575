{%- set standardised = {"channel": "channel"} -%}
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

final as (
    select
        {{ columns_in_standard_form("changes", [
            "verdict", "row_id", "identifier_key", "event_at", "scope", "feature_id", "channel",
            "new_state", "actor",
        ], standardised) }}
    from changes
    {{ join_standard_forms("changes", standardised) }}
)

select * from final
