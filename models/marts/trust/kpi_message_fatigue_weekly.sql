{%- set inputs = ["messages", "preferences"] -%}
with bands as (
    select
        *,
        {{ is_mature(add_days("week_start_date", 14)) }} as is_mature
    from {{ ref("sums_message_load_weekly") }}
),

data_through as (
    {{ data_through(inputs) }}
),

degraded as (
    {{ degraded_windows(inputs, days=7) }}
),

final as (
    select
        bands.messages_per_week_band,
        bands.week_start_date,
        bands.customer_count,
        bands.message_count,
        {{ rate_columns(
            "next_week_opt_out_rate",
            "bands.refusal_count",
            "bands.customer_count",
            "bands.is_mature"
        ) }},
        cast('observational' as string) as evidence_type,
        bands.is_mature,
        data_through.data_through_date,
        case when degraded.week_start_date is null then 'ok' else 'degraded' end as data_quality
    from bands
    left join degraded
        on bands.week_start_date = degraded.week_start_date
    cross join data_through
)

select * from final
