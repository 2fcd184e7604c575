{#- Product events with their verdicts: written once, read as trusted rows or as noise. -#}
with events as (
    {{ judged("events", [
        "source_name", "row_id", "insert_id", "event_at", "received_at", "event_name",
        "insight_role", "platform", "device_id", "session_id", "session_origin", "target_id",
        "feature_id", "insight_id", "prompt_id", "flow_id", "flow_instance_id", "flow_step",
        "is_flow_completion", "amount", "currency_code", "product_line", "properties",
    ], judge="hygiene_events", standardised={"currency_code": "currency"}) }}
),

final as (
    select
        events.source_name,
        events.row_id,
        events.insert_id,
        events.verdict,
        events.identifier_key,
        events.event_at,
        events.received_at,
        {{ local_date("events.event_at") }} as activity_date,
        events.event_name,
        coalesce(events.insight_role, names.insight_role) as insight_role,
        events.feature_id is not null
        and coalesce(events.insight_role, names.insight_role) is not null as is_feature_event,
        coalesce(names.is_setting_change, false) as is_setting_change,
        coalesce(names.is_feedback_prompt, false) as is_feedback_prompt,
        coalesce(names.is_key_action, false) as is_key_action,
        names.event_role,
        events.platform,
        events.device_id,
        events.session_id,
        events.session_origin,
        events.target_id,
        events.feature_id,
        events.insight_id,
        events.prompt_id,
        events.flow_id,
        events.flow_instance_id,
        events.flow_step,
        case
            when names.is_setting_change
                then {{ json_text("events.properties", "setting_scope") }}
        end as setting_scope,
        case
            when names.is_setting_change then {{ json_text("events.properties", "channel") }}
        end as setting_channel,
        case
            when names.is_setting_change then {{ json_text("events.properties", "new_state") }}
        end as setting_state,
        {%- for property in ["permission_scope", "explanation_id", "outcome", "task_id"] %}
        case
            when names.event_role is not null
                then {{ json_text("events.properties", property) }}
        end as {{ property }},
        {%- endfor %}
        -- By its general name, or by Amplitude's.
        {%- for column, flag in {
            "experiment_id": "[Experiment] Flag Key", "variation_id": "[Experiment] Variant"
        }.items() %}
        case
            when names.event_role is not null
                then coalesce(
                    {{ json_text("events.properties", column) }},
                    {{ json_text("events.properties", flag) }}
                )
        end as {{ column }},
        {%- endfor %}
        events.is_flow_completion,
        events.amount,
        events.currency_code,
        events.product_line
    from events
    left join {{ ref("hygiene_event_names") }} as names
        on events.event_name = names.event_name
)

select * from final
