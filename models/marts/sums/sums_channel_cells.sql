{#- What customers bring to the cells of the channels' rates: y of x, for sums_clustered_ratios. -#}
with final as (
    {%- for metric, y, x in [
        ("out_of_sync_rate", "out_of_sync_count", "send_count"),
        ("lost_context_rate", "lost_context_count", "named_step_count"),
        ("coordinated_rate", "coordinated_count", "send_count"),
    ] %}
    select
        'kpi_channel_health_weekly' as kpi_name,
        '{{ metric }}' as metric_name,
        channel || ' ' || cast(week_start_date as string) as cell_key,
        {{ y }} as y,
        {{ x }} as x
    from {{ ref("sums_message_customer_weekly") }}
    union all
    {%- endfor %}
    select
        'kpi_message_timing_weekly' as kpi_name,
        'realtime_share' as metric_name,
        channel || ' ' || cast(week_start_date as string) as cell_key,
        realtime_count as y,
        send_count as x
    from {{ ref("sums_message_customer_weekly") }}
    {%- for metric, y in [
        ("duplicate_message_rate", "duplicate_count"),
        ("contradiction_rate", "contradiction_count"),
    ] %}
    union all
    select
        'kpi_coordination_weekly' as kpi_name,
        '{{ metric }}' as metric_name,
        channel_a || ' ' || channel_b || ' ' || cast(week_start_date as string) as cell_key,
        {{ y }} as y,
        touch_count as x
    from {{ ref("sums_coordination_customer_weekly") }}
    {%- endfor %}
    {%- for metric, y, x in [
        ("recovery_rate", "recovered_count", "abandonment_count"),
        ("complete_context_rate", "complete_context_count", "abandonment_count"),
        ("trigger_24h_rate", "triggered_in_time_count", "eligible_count"),
        ("specific_message_rate", "specific_message_count", "reminded_count"),
    ] %}
    union all
    select
        'kpi_flow_recovery_weekly' as kpi_name,
        '{{ metric }}' as metric_name,
        flow_id || ' ' || follow_up || ' ' || cast(week_start_date as string) as cell_key,
        {{ y }} as y,
        {{ x }} as x
    from {{ ref("sums_flow_customer_weekly") }}
    {%- endfor %}
    union all
    select
        'kpi_conversion_weekly' as kpi_name,
        'click_through_rate' as metric_name,
        cell_key,
        click_count as y,
        delivered_count as x
    from {{ ref("sums_conversion_customer_weekly") }}
)

select * from final
