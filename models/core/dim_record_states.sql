{#- What the bank's record of a customer said, and when: of the record, not of the person. -#}
with states as (
    select
        identifier_key,
        coalesce(valid_from, event_at) as valid_from,
        signed_up_at,
        lifecycle_stage,
        risk_segment,
        least(coalesce(closed_at, deleted_at), coalesce(deleted_at, closed_at)) as ended_at
    from {{ ref("fct_customer_versions") }}
    qualify
        row_number() over (
            partition by identifier_key, coalesce(valid_from, event_at)
            order by event_at desc, row_id desc
        ) = 1
),

final as (
    select
        identifier_key,
        valid_from,
        {{ next_state_at(["identifier_key"]) }} as valid_to,
        signed_up_at,
        lifecycle_stage,
        risk_segment,
        ended_at
    from states
)

select * from final
