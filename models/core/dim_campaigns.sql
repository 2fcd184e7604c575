{#- Campaigns as they were last described. -#}
with versions as (
    {{ kept("campaigns", [
        "source_name", "row_id", "campaign_id", "event_at", "received_at", "briefed_at", "live_at",
        "needs_ticket", "min_gap_seconds", "quiet_hours",
    ]) }}
),

current_versions as (
    select *
    from versions
    where campaign_id is not null
    qualify
        row_number() over (
            partition by campaign_id
            order by event_at desc, received_at desc, row_id desc
        ) = 1
),

final as (
    select
        campaign_id,
        briefed_at,
        live_at,
        needs_ticket,
        min_gap_seconds,
        {{ minute_of_clock("split_part(quiet_hours, '-', 1)") }} as quiet_from_minute,
        {{ minute_of_clock("split_part(quiet_hours, '-', 2)") }} as quiet_until_minute
    from current_versions
)

select * from final
