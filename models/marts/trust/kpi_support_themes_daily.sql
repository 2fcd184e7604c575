{%- set inputs = ["tickets", "events"] -%}
with days as (
    select
        *,
        {{ is_mature(add_days("activity_date", 1)) }} as is_mature
    from {{ ref("sums_support_themes_daily") }}
),

spikes as (
    select
        theme,
        feature_id,
        activity_date,
        expected_ticket_count,
        p_value,
        is_spike
    from {{ source("inference", "theme_spikes") }}
),

data_through as (
    {{ data_through(inputs) }}
),

degraded as (
    {{ degraded_days(inputs) }}
),

final as (
    select
        days.theme,
        days.feature_id,
        days.activity_date,
        days.ticket_count,
        days.customer_count,
        days.exposed_count,
        case
            when days.is_mature and days.exposed_count >= {{ var("min_sample") }}
                then cast(days.ticket_count * 10000 as double) / days.exposed_count
        end as tickets_per_10k_exposed,
        case when days.is_mature then spikes.expected_ticket_count end as expected_ticket_count,
        case when days.is_mature then spikes.p_value end as spike_p_value,
        case when days.is_mature then spikes.is_spike end as is_spike,
        days.is_mature,
        data_through.data_through_date,
        case when degraded.activity_date is null then 'ok' else 'degraded' end as data_quality
    from days
    left join spikes
        on
            days.theme = spikes.theme
            and days.feature_id = spikes.feature_id
            and days.activity_date = spikes.activity_date
    left join degraded
        on days.activity_date = degraded.activity_date
    cross join data_through
)

select * from final
