{#-
    The rates of decisions and discovery whose customers have several rows: each customer's
    share in a cell.
-#}
with final as (
    select
        'kpi_decision_mix_weekly' as kpi_name,
        'decision_share' as metric_name,
        policy_type || ' ' || cast(week_start_date as string) as cell_key,
        decision_count as y,
        all_decision_count as x
    from {{ ref("sums_decision_mix_customer_weekly") }}
    {%- for metric, (over, under) in anomaly_rates().items() %}
    union all
    select
        'kpi_anomaly_detection_daily' as kpi_name,
        '{{ metric }}' as metric_name,
        baseline_type || ' ' || cast(activity_date as string) as cell_key,
        {{ over }}_count as y,
        {{ under }}_count as x
    from {{ ref("sums_anomaly_customer_daily") }}
    {%- endfor %}
)

select * from final
