{%- set inputs = ["events", "messages", "orders"] -%}
with customers as (
    select *
    from {{ ref("sums_customer_channels") }}
),

groups as (
    select
        channel_count,
        is_ai_coordinated,
        count(*) as customer_count,
        count(case when was_active_d90 then 1 end) as active_d90_count,
        count(was_active_d180) as followed_d180_count,
        count(case when was_active_d180 then 1 end) as active_d180_count
    from customers
    group by channel_count, is_ai_coordinated
),

data_through as (
    {{ data_through(inputs) }}
),

degraded as (
    select count(*) as week_count
    from (
        {{ degraded_weeks(inputs) }}
    ) as weeks
),

final as (
    select
        groups.channel_count,
        groups.is_ai_coordinated,
        groups.customer_count,
        {{ rate_columns(
            "retention_d90", "groups.active_d90_count", "groups.customer_count"
        ) }},
        {{ rate_columns(
            "retention_d180", "groups.active_d180_count", "groups.followed_d180_count"
        ) }},
        case when groups.customer_count >= {{ var("min_sample") }} then lifetimes.rmst_days end
            as lifetime_rmst_days,
        case when groups.customer_count >= {{ var("min_sample") }} then lifetimes.ci_lower end
            as lifetime_rmst_days_ci_lower,
        case when groups.customer_count >= {{ var("min_sample") }} then lifetimes.ci_upper end
            as lifetime_rmst_days_ci_upper,
        lifetimes.horizon_days as lifetime_horizon_days,
        cast('observational' as string) as evidence_type,
        groups.followed_d180_count = groups.customer_count as is_mature,
        data_through.data_through_date,
        case when degraded.week_count = 0 then 'ok' else 'degraded' end as data_quality
    from groups
    inner join {{ source("inference", "channel_lifetimes") }} as lifetimes
        on
            groups.channel_count = lifetimes.channel_count
            and groups.is_ai_coordinated = lifetimes.is_ai_coordinated
    cross join data_through
    cross join degraded
)

select * from final
