{#- One row per question shown under an insight, with its last answer, if any. -#}
with final as (
    {{ feedback_prompts(ref("fct_events"), ref("fct_feedback")) }}
)

select * from final
