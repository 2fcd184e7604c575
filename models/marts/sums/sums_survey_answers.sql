{#-
    One row per question that says how satisfied somebody is: was it answered, and how; and did the customer's last
    answer to another instrument in the weeks before say the same?
-#}
with asked as (
    select
        identifiers.customer_id,
        answers.source_name,
        answers.table_name,
        answers.response_id,
        answers.prompt_id,
        answers.instrument,
        answers.invited_at,
        answers.activity_date,
        answers.is_answered,
        answers.answered_at,
        answers.score >= {{ var("satisfied_score") }} as is_positive,
        answers.score <= 1 - {{ var("satisfied_score") }} as is_negative
    from {{ ref("fct_survey_answers") }} as answers
    inner join {{ ref("dim_identifiers") }} as identifiers
        on answers.identifier_key = identifiers.identifier_key
    where
        answers.instrument <> 'driver'
        or answers.question = 'satisfaction'
),

-- A tool that tells of answers only would seem to be answered by everybody.
telling as (
    select
        source_name,
        table_name,
        instrument,
        bool_or(not is_answered) as tells_of_silence
    from asked
    group by source_name, table_name, instrument
),

others as (
    select
        asked.source_name,
        asked.table_name,
        asked.response_id,
        others.is_positive = asked.is_positive as is_agreement
    from asked
    inner join asked as others
        on
            asked.customer_id = others.customer_id
            and asked.instrument <> others.instrument
            and asked.answered_at > others.answered_at
            and asked.answered_at
            < others.answered_at + interval '{{ var("survey_agreement_days") }}' day
    where
        asked.is_positive is not null
        and others.is_positive is not null
    qualify
        row_number() over (
            partition by asked.source_name, asked.table_name, asked.response_id
            order by
                others.answered_at desc, others.instrument asc, others.source_name asc,
                others.table_name asc, others.response_id asc
        ) = 1
),

final as (
    select
        asked.*,
        telling.tells_of_silence,
        others.is_agreement
    from asked
    inner join telling
        on
            asked.source_name = telling.source_name
            and asked.table_name = telling.table_name
            and asked.instrument = telling.instrument
    left join others
        on
            asked.source_name = others.source_name
            and asked.table_name = others.table_name
            and asked.response_id = others.response_id
)

select * from final
