{#- One row per driver survey answered in whole, its window over: how satisfied, and what is to explain it. -#}
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
        {%- for question in ["satisfaction", "needs_met", "trust", "experience", "ease"] %}
        max(case when question = '{{ question }}' then score end) as {{ question }}
        {{- "," if not loop.last }}
        {%- endfor %}
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
