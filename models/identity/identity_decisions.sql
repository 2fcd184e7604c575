{#- A pair has one decision however its ends are named: the latest. -#}
with decisions as (
    {{ canonical("identity_decisions", [
        "left_identifier_key", "right_identifier_key", "decision", "reviewer",
        "event_at", "received_at", "row_id",
    ]) }}
),

pairs as (
    select
        least(lower(trim(left_identifier_key)), lower(trim(right_identifier_key)))
            as left_identifier_key,
        greatest(lower(trim(left_identifier_key)), lower(trim(right_identifier_key)))
            as right_identifier_key,
        lower(trim(decision)) as decision,
        reviewer,
        source_name,
        event_at,
        received_at,
        row_id
    from decisions
),

final as (
    select
        left_identifier_key,
        right_identifier_key,
        decision,
        reviewer,
        source_name,
        event_at as decided_at
    from pairs
    where left_identifier_key <> right_identifier_key
    qualify
        row_number() over (
            partition by left_identifier_key, right_identifier_key
            order by event_at desc, received_at desc, row_id desc
        ) = 1
)

select * from final
