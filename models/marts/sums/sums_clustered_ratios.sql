{#-
    The sums from which `inference` makes intervals clustered by customer: per cell the number of customers and
    the sums of numerator y, denominator x and their products. Cells of one family are compared with each other.
-#}
with customer_cells as (
    select
        'kpi_feature_adoption_weekly' as kpi_name,
        'frustrated_tap_rate' as metric_name,
        feature_id || ' ' || cast(week_start_date as string) as cell_key,
        feature_id || ' ' || cast(week_start_date as string) as family_key,
        frustrated_count as y,
        interaction_count as x
    from {{ ref("sums_feature_customer_weekly") }}
    union all
    select
        'kpi_micro_feedback_weekly' as kpi_name,
        'helpful_rate' as metric_name,
        {{ feedback_cell_key() }} as cell_key,
        cast(week_start_date as string) as family_key,
        yes_count as y,
        yes_count + no_count as x
    from {{ ref("sums_feedback_customer_weekly") }}
    union all
    select
        'kpi_micro_feedback_weekly' as kpi_name,
        'response_rate' as metric_name,
        {{ feedback_cell_key() }} as cell_key,
        {{ feedback_cell_key() }} as family_key,
        yes_count + no_count as y,
        prompted_count as x
    from {{ ref("sums_feedback_customer_weekly") }}
),

final as (
    select
        kpi_name,
        metric_name,
        cell_key,
        family_key,
        count(*) as customer_count,
        cast(sum(y) as bigint) as sum_y,
        cast(sum(x) as bigint) as sum_x,
        cast(sum(y * y) as bigint) as sum_yy,
        cast(sum(x * y) as bigint) as sum_xy,
        cast(sum(x * x) as bigint) as sum_xx
    from customer_cells
    where x > 0
    group by kpi_name, metric_name, cell_key, family_key
)

select * from final
