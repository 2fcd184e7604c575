{%- set inputs = ["messages", "campaigns", "events"] -%}
{%- set counts = [
    "send_count", "out_of_sync_count", "too_soon_count", "quiet_hours_count", "after_goal_count",
    "coordinated_count", "named_step_count", "lost_context_count",
] -%}
with weeks as (
    select
        channel,
        week_start_date,
        {%- for name in counts %}
        cast(sum({{ name }}) as bigint) as {{ name }},
        {%- endfor %}
        count(*) as customer_count,
        {{ is_mature(add_days("week_start_date", 7)) }} as is_mature
    from {{ ref("sums_message_customer_weekly") }}
    group by channel, week_start_date
),

campaign_weeks as (
    select distinct
        channel,
        week_start_date,
        campaign_id
    from {{ ref("sums_message_flags") }}
    where campaign_id is not null
),

campaigns as (
    select
        campaign_weeks.channel,
        campaign_weeks.week_start_date,
        count(*) as campaign_count,
        count(case when campaigns.needs_ticket then 1 end) as ticket_campaign_count,
        percentile_cont(0.5) within group (
            order by
                {{ microseconds_between("campaigns.briefed_at", "campaigns.live_at") }}
                / cast(3600000000 as double)
        ) as campaign_lead_hours_p50
    from campaign_weeks
    inner join {{ ref("dim_campaigns") }} as campaigns
        on campaign_weeks.campaign_id = campaigns.campaign_id
    group by campaign_weeks.channel, campaign_weeks.week_start_date
),

mixed_weeks as (
    select
        *,
        cast(sum(send_count) over (partition by week_start_date) as bigint) as all_send_count
    from weeks
),

readouts as (
    select
        metric_name,
        cell_key,
        ci_lower,
        ci_upper
    from {{ source("inference", "clustered_ratios") }}
    where kpi_name = 'kpi_channel_health_weekly'
),

data_through as (
    {{ data_through(inputs) }}
),

degraded as (
    {{ degraded_weeks(inputs) }}
),

final as (
    select
        weeks.channel,
        weeks.week_start_date,
        weeks.customer_count,
        weeks.send_count,
        {{ rate_columns(
            "mix_share", "weeks.send_count", "weeks.all_send_count", "weeks.is_mature"
        ) }},
        weeks.too_soon_count,
        weeks.quiet_hours_count,
        weeks.after_goal_count,
        {{ clustered_rate_columns(
            "out_of_sync_rate",
            "weeks.out_of_sync_count",
            "weeks.send_count",
            "out_of_sync",
            "weeks.is_mature",
        ) }},
        {{ clustered_rate_columns(
            "lost_context_rate",
            "weeks.lost_context_count",
            "weeks.named_step_count",
            "lost_context",
            "weeks.is_mature",
        ) }},
        {{ clustered_rate_columns(
            "coordinated_rate",
            "weeks.coordinated_count",
            "weeks.send_count",
            "coordinated",
            "weeks.is_mature",
        ) }},
        coalesce(campaigns.campaign_count, 0) as campaign_count,
        coalesce(campaigns.ticket_campaign_count, 0) as ticket_campaign_count,
        {{ rate_columns(
            "engineering_ticket_share",
            "coalesce(campaigns.ticket_campaign_count, 0)",
            "coalesce(campaigns.campaign_count, 0)",
            "weeks.is_mature",
        ) }},
        campaigns.campaign_lead_hours_p50,
        weeks.is_mature,
        data_through.data_through_date,
        case when degraded.week_start_date is null then 'ok' else 'degraded' end as data_quality
    from mixed_weeks as weeks
    left join campaigns
        on
            weeks.channel = campaigns.channel
            and weeks.week_start_date = campaigns.week_start_date
    {%- for metric in ["out_of_sync", "lost_context", "coordinated"] %}
    left join readouts as {{ metric }}
        on
            weeks.channel || ' ' || cast(weeks.week_start_date as string)
            = {{ metric }}.cell_key
            and {{ metric }}.metric_name = '{{ metric }}_rate'
    {%- endfor %}
    left join degraded
        on weeks.week_start_date = degraded.week_start_date
    cross join data_through
)

select * from final
