with responses as (
    select
        *,
        {{ json_struct("metadata", [
            "customer_ref", "email", "instrument", "prompt_id", "insight_id", "decision_id",
            "invited_at",
        ]) }} as subject
    from {{ source("raw", "zigpoll__responses") }}
),

final as (
    select
        {{ lineage("zigpoll", "responses") }},
        subject.customer_ref as customer_ref,
        cast(null as string) as user_id,
        subject.email as email,
        cast(null as string) as contact_id,
        cast(null as string) as profile_id,
        -- A browser, not a person: what Segment is told as a user is the same participant.
        'zigpoll:' || participant_id as participant_id,
        id as response_id,
        subject.instrument as instrument,
        subject.prompt_id as prompt_id,
        {{ utc_timestamp("subject.invited_at") }} as invited_at,
        subject.insight_id as insight_id,
        subject.decision_id as decision_id,
        slide_id as question,
        lower(coalesce(
            {{ json_element_text("answers", 0, "handle") }},
            {{ json_element_text("answers", 0, "value") }},
            {{ json_element_text("answers", 0, "title") }}
        )) as answer,
        case
            when subject.instrument in ('csat', 'driver', 'trust') then cast(1 as double)
        end as scale_min,
        case
            when subject.instrument in ('csat', 'driver', 'trust') then cast(5 as double)
        end as scale_max,
        response as text
    from responses
)

select * from final
