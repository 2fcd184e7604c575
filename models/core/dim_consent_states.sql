{#-
    What a customer agreed to and what not, and when: channels, everything at once, and the use of data that must be
    asked for. Whether one feature is on is in fct_feature_states.
-#}
with permission_answers as (
    select
        identifier_key,
        permission_scope,
        lower(outcome) as outcome,
        outcome_at as answered_at
    from {{ ref("fct_permissions") }}
    union all
    select
        identifier_key,
        permission_scope,
        lower(outcome) as outcome,
        event_at as answered_at
    from {{ ref("fct_events") }}
    where event_role = 'permission_answer'
),

answers as (
    select
        identifier_key,
        scope as consent_scope,
        coalesce(case when scope = 'channel' then channel end, 'all') as consent_key,
        event_at as valid_from,
        new_state = 'on' as is_granted
    from {{ ref("fct_preferences") }}
    where scope in ('channel', 'global')
    union all
    select
        identifier_key,
        cast('permission' as string) as consent_scope,
        permission_scope as consent_key,
        answered_at as valid_from,
        outcome = 'granted' as is_granted
    from permission_answers
    where
        permission_scope is not null
        and outcome in ('granted', 'denied')
        and answered_at is not null
),

-- Of two answers of one moment the refusal counts.
states as (
    select
        identifiers.customer_id,
        answers.consent_scope,
        answers.consent_key,
        answers.valid_from,
        bool_and(answers.is_granted) as is_granted
    from answers
    inner join {{ ref("dim_identifiers") }} as identifiers
        on answers.identifier_key = identifiers.identifier_key
    group by
        identifiers.customer_id, answers.consent_scope, answers.consent_key, answers.valid_from
),

final as (
    select
        customer_id,
        consent_scope,
        consent_key,
        valid_from,
        {{ next_state_at(["customer_id", "consent_scope", "consent_key"]) }} as valid_to,
        is_granted
    from states
)

select * from final
