{#- One row per question asked in a survey, with the answer given in time on a scale of 0 to 1. -#}
with versions as (
    {{ kept("feedback", [
        "source_name", "table_name", "row_id", "response_id", "event_at", "received_at",
        "instrument", "prompt_id", "invited_at", "question", "answer", "scale_min",
        "scale_max",
    ]) }}
),

survey_versions as (
    select
        *,
        min(coalesce(invited_at, event_at)) over (
            partition by source_name, table_name, response_id
        ) as first_invited_at,
        lower(trim(answer)) as plain_answer
    from versions
    where instrument in ('csat', 'exit', 'driver', 'trust')
),

-- An answer can be edited; what is changed after the window changes no figure.
timely_versions as (
    select
        *,
        event_at < first_invited_at + interval '{{ var("feedback_window_days") }}' day
        and plain_answer is not null as is_answer
    from survey_versions
),

last_versions as (
    select *
    from timely_versions
    qualify
        row_number() over (
            partition by source_name, table_name, response_id
            order by is_answer desc, event_at desc, received_at desc, row_id desc
        ) = 1
),

numbers as (
    select
        *,
        try_cast(
            nullif(regexp_extract(plain_answer, '[0-9]+([.][0-9]+)?', 0), '') as double
        ) as answered_number
    from last_versions
),

final as (
    select
        numbers.source_name,
        numbers.table_name,
        numbers.row_id,
        numbers.identifier_key,
        numbers.response_id,
        coalesce(numbers.prompt_id, numbers.response_id) as prompt_id,
        numbers.instrument,
        coalesce(questions.driver, numbers.question) as question,
        numbers.first_invited_at as invited_at,
        {{ local_date("numbers.first_invited_at") }} as activity_date,
        numbers.is_answer as is_answered,
        case when numbers.is_answer then numbers.event_at end as answered_at,
        case
            when not numbers.is_answer or numbers.instrument = 'exit' then null
            when answers.score is not null then answers.score
            when
                numbers.answered_number between numbers.scale_min and numbers.scale_max
                then
                    (numbers.answered_number - numbers.scale_min)
                    / nullif(numbers.scale_max - numbers.scale_min, 0)
        end as score
    from numbers
    left join {{ ref("survey_answers") }} as answers
        on numbers.plain_answer = answers.answer
    left join {{ ref("survey_questions") }} as questions
        on lower(trim(numbers.question)) = questions.question
)

select * from final
