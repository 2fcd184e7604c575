{#-
    The first time a customer was asked for a permission, and when it was first granted after
    it.
-#}
with prompts as (
    select
        row_id,
        identifier_key,
        permission_scope,
        explanation_id,
        experiment_id,
        event_at as prompted_at,
        1 as sequence
    from {{ ref("fct_events") }}
    where event_role = 'permission_prompt'
    union all
    select
        row_id,
        identifier_key,
        permission_scope,
        explanation_id,
        experiment_id,
        event_at as prompted_at,
        coalesce(sequence, 1) as sequence
    from {{ ref("fct_permissions") }}
),

first_prompts as (
    select
        identifiers.customer_id,
        prompts.permission_scope,
        prompts.explanation_id,
        prompts.experiment_id,
        prompts.prompted_at,
        prompts.sequence
    from prompts
    inner join {{ ref("dim_identifiers") }} as identifiers
        on prompts.identifier_key = identifiers.identifier_key
    where prompts.permission_scope is not null
    qualify
        row_number() over (
            partition by identifiers.customer_id, prompts.permission_scope
            order by prompts.prompted_at asc, prompts.row_id asc
        ) = 1
),

answers as (
    select
        identifier_key,
        permission_scope,
        outcome,
        event_at as answered_at
    from {{ ref("fct_events") }}
    where event_role = 'permission_answer'
    union all
    select
        identifier_key,
        permission_scope,
        outcome,
        outcome_at as answered_at
    from {{ ref("fct_permissions") }}
),

grants as (
    select
        identifiers.customer_id,
        answers.permission_scope,
        answers.answered_at
    from answers
    inner join {{ ref("dim_identifiers") }} as identifiers
        on answers.identifier_key = identifiers.identifier_key
    where lower(answers.outcome) = 'granted'
),

final as (
    select
        first_prompts.customer_id,
        first_prompts.permission_scope,
        coalesce(first_prompts.explanation_id, 'none') as explanation_id,
        first_prompts.experiment_id,
        first_prompts.prompted_at,
        {{ local_date("first_prompts.prompted_at") }} as prompted_date,
        min(grants.answered_at) as granted_at
    from first_prompts
    left join grants
        on
            first_prompts.customer_id = grants.customer_id
            and first_prompts.permission_scope = grants.permission_scope
            and first_prompts.prompted_at <= grants.answered_at
    -- A prompt that calls itself a later one had a first that is not known.
    where first_prompts.sequence = 1
    group by all
)

select * from final
