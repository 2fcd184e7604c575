with versions as (
    select *
    from {{ ref("fct_judged_feedback") }}
    where verdict = 'kept'
),

final as (
    {{ feedback_versions("versions") }}
)

select * from final
