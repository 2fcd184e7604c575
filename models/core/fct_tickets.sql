{#- Tickets as their versions tell of them; what people wrote stays in staging. -#}
with versions as (
    {{ kept("tickets", [
        "source_name", "row_id", "ticket_id", "event_at", "received_at", "created_at",
        "status", "channel", "feature_id", "language", "first_reply_at", "solved_at",
        "reopen_count",
    ], standardised={"channel": "channel"}) }}
),

compared_versions as (
    select
        *,
        solved_at is not null as is_solved,
        coalesce(lag(solved_at) over ticket_versions is not null, false) as was_solved,
        row_number() over (
            partition by source_name, ticket_id
            order by event_at desc, received_at desc, row_id desc
        ) as versions_since
    from versions
    window ticket_versions as (
        partition by source_name, ticket_id
        order by event_at asc, received_at asc, row_id asc
    )
),

-- Solved for the second time it is solved since then; one that is closed later is not solved later.
histories as (
    select
        source_name,
        ticket_id,
        min(created_at) as created_at,
        min(first_reply_at) as first_reply_at,
        min(solved_at) as first_solved_at,
        max(case when is_solved and not was_solved then solved_at end) as last_solved_at,
        min(
            case when (was_solved and not is_solved) or reopen_count > 0 then event_at end
        ) as first_reopened_at,
        count(case when was_solved and not is_solved then 1 end) as seen_reopen_count,
        max(reopen_count) as told_reopen_count
    from compared_versions
    group by source_name, ticket_id
),

final as (
    select
        versions.source_name,
        versions.row_id,
        versions.identifier_key,
        versions.ticket_id,
        histories.created_at,
        {{ local_date("histories.created_at") }} as activity_date,
        versions.channel,
        versions.feature_id,
        versions.language,
        versions.status,
        histories.first_reply_at,
        histories.first_solved_at,
        case when versions.is_solved then histories.last_solved_at end as solved_at,
        histories.first_reopened_at,
        cast(
            greatest(histories.seen_reopen_count, coalesce(histories.told_reopen_count, 0))
            as bigint
        ) as reopen_count
    from compared_versions as versions
    inner join histories
        on
            versions.source_name = histories.source_name
            and versions.ticket_id = histories.ticket_id
    where
        versions.versions_since = 1
        -- What was deleted at the source counts no more.
        and versions.status <> 'deleted'
)

select * from final
