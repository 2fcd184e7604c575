{#- What people did with AI features, and whether it looks like use or like frustration. -#}
with feature_events as (
    select
        *,
        {{ is_use() }} as is_use,
        {{ is_interaction() }} as is_interaction
    from {{ ref("fct_events") }}
    where is_feature_event
),

tap_gaps as (
    select
        row_id,
        identifier_key,
        feature_id,
        target_id,
        event_at,
        lag(event_at) over (
            partition by identifier_key, feature_id, target_id
            order by event_at asc, row_id asc
        ) as previous_tap_at
    from feature_events
    where
        insight_role = 'tapped'
        and target_id is not null
),

tap_bursts as (
    select
        *,
        sum(
            case
                when
                    {{ microseconds_between("previous_tap_at", "event_at") }}
                    <= {{ var("frustrated_tap_gap_seconds") }} * 1000000
                    then 0
                else 1
            end
        ) over (
            partition by identifier_key, feature_id, target_id
            order by event_at asc, row_id asc
            rows between unbounded preceding and current row
        ) as burst_number
    from tap_gaps
),

burst_taps as (
    select row_id
    from tap_bursts
    qualify
        count(*) over (partition by identifier_key, feature_id, target_id, burst_number)
        >= {{ var("frustrated_tap_count") }}
),

-- Closed as fast as one can find the cross: nobody read it.
insight_steps as (
    select
        row_id,
        insight_role,
        event_at,
        lag(insight_role) over steps as previous_role,
        lag(event_at) over steps as previous_at,
        lead(insight_role) over steps as next_role,
        lead(event_at) over steps as next_at
    from feature_events
    where
        insight_role in ('opened', 'dismissed')
        and insight_id is not null
    window steps as (
        partition by identifier_key, insight_id
        order by event_at asc, insight_role desc, row_id asc
    )
),

unread_insights as (
    select row_id
    from insight_steps
    where
        (
            insight_role = 'dismissed'
            and previous_role = 'opened'
            and {{ microseconds_between("previous_at", "event_at") }}
            <= {{ var("frustrated_dismiss_seconds") }} * 1000000
        )
        or (
            insight_role = 'opened'
            and next_role = 'dismissed'
            and {{ microseconds_between("event_at", "next_at") }}
            <= {{ var("frustrated_dismiss_seconds") }} * 1000000
        )
),

final as (
    select
        feature_events.source_name,
        feature_events.row_id,
        feature_events.identifier_key,
        feature_events.feature_id,
        feature_events.insight_id,
        feature_events.insight_role,
        feature_events.event_at,
        feature_events.activity_date,
        feature_events.device_id,
        feature_events.session_id,
        feature_events.session_origin,
        feature_events.is_use,
        feature_events.is_interaction,
        burst_taps.row_id is not null
        or unread_insights.row_id is not null as is_frustrated
    from feature_events
    left join burst_taps
        on feature_events.row_id = burst_taps.row_id
    left join unread_insights
        on feature_events.row_id = unread_insights.row_id
)

select * from final
