with versions as (
    {{ kept("goals", [
        "source_name", "row_id", "event_at", "received_at", "goal_id", "kind",
        "target_amount", "currency_code", "started_at", "reached_at", "cancelled_at",
        "source_insight_id", "deleted_at",
    ], standardised={"currency_code": "currency"}) }}
),

-- The last version of a goal is the goal.
current_versions as (
    select *
    from versions
    qualify
        row_number() over (
            partition by source_name, goal_id
            order by event_at desc, received_at desc, row_id desc
        ) = 1
),

final as (
    select
        source_name,
        row_id,
        identifier_key,
        goal_id,
        kind,
        target_amount,
        currency_code,
        started_at,
        reached_at,
        cancelled_at,
        source_insight_id
    from current_versions
    where deleted_at is null
)

select * from final
