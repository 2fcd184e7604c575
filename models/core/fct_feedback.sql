with versions as (
    select
        identifier_key,
        source_name,
        table_name,
        row_id,
        response_id,
        event_at,
        received_at,
        instrument,
        prompt_id,
        invited_at,
        insight_id,
        decision_id,
        answer,
        scale_min,
        scale_max
    from {{ ref("fct_judged_feedback") }}
    where verdict = 'kept'
),

final as (
    {{ feedback_versions("versions") }}
)

select * from final
