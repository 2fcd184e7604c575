with answers as (
    select *
    from {{ ref("fct_survey_answers") }}
    where
        instrument = 'exit'
        and is_answered
),

wordings as (
    {{ canonical("feedback", ["row_id", "answer", "text"]) }}
),

texts as (
    select
        answers.row_id as text_key,
        coalesce(wordings.text, wordings.answer) as text
    from answers
    inner join wordings
        on answers.row_id = wordings.row_id
),

themes as (
    {{ text_themes("texts") }}
),

final as (
    select
        answers.source_name,
        answers.table_name,
        answers.response_id,
        themes.theme
    from themes
    inner join answers
        on themes.text_key = answers.row_id
)

select * from final
