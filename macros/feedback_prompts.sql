{#
    One row per question shown under an insight, with its last answer, if any.

    events: (by, prompt_id, insight_id, identifier_key, event_at, is_feedback_prompt).
    feedback: as feedback_versions gives it.
    by: further key columns.
#}
{% macro feedback_prompts(events, feedback, by=[]) -%}
    with shown_prompts as (
        select
            {{ keys(by, "events") }}
            prompt_id,
            insight_id,
            identifier_key,
            event_at as prompted_at
        from {{ events }} as events
        where
            is_feedback_prompt
            and prompt_id is not null
    ),

    answers as (
        select
            {{ keys(by, "feedback") }}
            prompt_id,
            coalesce(insight_id, decision_id) as insight_id,
            identifier_key,
            coalesce(invited_at, event_at) as prompted_at,
            case when lower(answer) in ('yes', 'no') then lower(answer) end as answer,
            event_at as answered_at,
            row_id
        from {{ feedback }} as feedback
        where
            instrument = 'micro'
            and prompt_id is not null
    ),

    -- An answer proves its question, though the event of showing it was lost.
    prompts as (
        select
            {{ keys(by, "shown_prompts") }}
            prompt_id,
            insight_id,
            identifier_key,
            prompted_at,
            0 as is_inferred
        from shown_prompts
        union all
        select
            {{ keys(by, "answers") }}
            prompt_id,
            insight_id,
            identifier_key,
            prompted_at,
            1 as is_inferred
        from answers
    ),

    first_prompts as (
        select
            {{ keys(by, "prompts") }}
            prompt_id,
            insight_id,
            identifier_key,
            prompted_at
        from prompts
        qualify
            row_number() over (
                partition by {{ keys(by, "prompts") }} prompt_id
                order by is_inferred asc, prompted_at asc, insight_id asc, identifier_key asc
            ) = 1
    ),

    last_answers as (
        select
            {{ keys(by, "answers") }}
            prompt_id,
            answer,
            answered_at
        from answers
        where answer is not null
        qualify
            row_number() over (
                partition by {{ keys(by, "answers") }} prompt_id
                order by answered_at desc, answer asc, row_id asc
            ) = 1
    ),

    final as (
        select
            {{ keys(by, "first_prompts") }}
            first_prompts.prompt_id,
            first_prompts.insight_id,
            first_prompts.identifier_key,
            first_prompts.prompted_at,
            last_answers.answer,
            last_answers.answered_at
        from first_prompts
        left join last_answers
            on
                {{ same_keys(by, "first_prompts", "last_answers") }}
                first_prompts.prompt_id = last_answers.prompt_id
    )

    select * from final
{%- endmacro %}
