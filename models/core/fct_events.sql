{{ config(materialized="view") }}
with final as (
    select
        source_name,
        row_id,
        insert_id,
        identifier_key,
        event_at,
        received_at,
        activity_date,
        event_name,
        insight_role,
        is_feature_event,
        is_setting_change,
        is_feedback_prompt,
        is_key_action,
        event_role,
        platform,
        device_id,
        session_id,
        session_origin,
        target_id,
        feature_id,
        insight_id,
        prompt_id,
        flow_id,
        flow_instance_id,
        flow_step,
        setting_scope,
        setting_channel,
        setting_state,
        permission_scope,
        explanation_id,
        experiment_id,
        outcome,
        task_id,
        variation_id,
        is_flow_completion,
        amount,
        currency_code,
        product_line
    from {{ ref("fct_judged_events") }}
    where verdict = 'kept'
)

select * from final
