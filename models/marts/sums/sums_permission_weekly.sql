{#-
    First prompts of the week by what explained them, grants in time, and whether an
    experiment chose the words.
-#}
with asked as (
    select
        permission_scope,
        explanation_id,
        {{ week_start("prompted_date") }} as week_start_date,
        experiment_id,
        coalesce(
            granted_at < prompted_at + interval '{{ var("permission_window_days") }}' day, false
        ) as is_granted
    from {{ ref("fct_first_permissions") }}
),

cells as (
    select
        permission_scope,
        explanation_id,
        week_start_date,
        count(*) as prompt_count,
        count(case when is_granted then 1 end) as grant_count,
        count(experiment_id) as randomised_count,
        min(experiment_id) as first_experiment_id,
        max(experiment_id) as last_experiment_id
    from asked
    group by permission_scope, explanation_id, week_start_date
),

final as (
    select
        permission_scope,
        explanation_id,
        week_start_date,
        prompt_count,
        grant_count,
        cast(sum(prompt_count) over family as bigint) - prompt_count as rest_prompt_count,
        cast(sum(grant_count) over family as bigint) - grant_count as rest_grant_count,
        sum(randomised_count) over family = sum(prompt_count) over family
        and min(first_experiment_id) over family = max(last_experiment_id) over family
            as is_randomised
    from cells
    window family as (partition by permission_scope, week_start_date)
)

select * from final
