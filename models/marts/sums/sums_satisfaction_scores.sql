{#- Per driver survey answered in whole, its window over: how satisfied, and what explains it. -#}
with answers as (
    select
        identifiers.customer_id,
        answers.source_name,
        answers.prompt_id,
        answers.question,
        answers.score
    from {{ ref("fct_survey_answers") }} as answers
    inner join {{ ref("dim_identifiers") }} as identifiers
        on answers.identifier_key = identifiers.identifier_key
    where
        answers.instrument = 'driver'
        and answers.score is not null
        and {{ is_mature(add_days("answers.activity_date", 1 + var("feedback_window_days"))) }}
),

surveys as (
    select
        customer_id,
        source_name,
        prompt_id,
        max(case when question = 'satisfaction' then score end) as satisfaction,
        max(case when question = 'needs_met' then score end) as needs_met,
        max(case when question = 'trust' then score end) as trust,
        max(case when question = 'experience' then score end) as experience,
        max(case when question = 'ease' then score end) as ease
    from answers
    group by customer_id, source_name, prompt_id
),

final as (
    select *
    from surveys
    where
        satisfaction is not null
        and needs_met is not null
        and trust is not null
        and experience is not null
        and ease is not null
)

select * from final
