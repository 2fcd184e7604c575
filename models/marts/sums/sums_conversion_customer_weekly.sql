{#-
    One row per customer, product line, week and segment: what they met of it, and whether
    they did it.
-#}
with exposures as (
    select
        touches.customer_id,
        lines.product_line,
        {{ week_start("touches.activity_date") }} as week_start_date,
        min(touches.touched_at) as first_exposed_at,
        count(case when touches.is_message then 1 end) as delivered_count,
        count(case when touches.is_message then touches.clicked_at end) as click_count
    from {{ ref("fct_touches") }} as touches
    inner join {{ ref("topic_product_lines") }} as lines
        on touches.topic = lines.topic
    where touches.is_delivered
    group by
        touches.customer_id, lines.product_line, {{ week_start("touches.activity_date") }}
),

flow_lines as (
    select distinct
        flow_id,
        product_line
    from {{ ref("flow_steps") }}
),

acts as (
    select
        instances.identifier_key,
        flow_lines.product_line,
        instances.completed_at as converted_at
    from {{ ref("fct_flow_instances") }} as instances
    inner join flow_lines
        on instances.flow_id = flow_lines.flow_id
    where instances.completed_at is not null
    union all
    select
        identifier_key,
        product_line,
        ordered_at as converted_at
    from {{ ref("fct_orders") }}
    where
        ordered_at is not null
        and refund_of is null
        and is_settled
    union all
    select
        identifier_key,
        cast('savings' as string) as product_line,
        event_at as converted_at
    from {{ ref("fct_ledger") }}
    where
        entry_class = 'savings_deposit'
        and reversal_of is null
),

conversions as (
    select
        exposures.customer_id,
        exposures.product_line,
        exposures.week_start_date
    from acts
    inner join {{ ref("dim_identifiers") }} as identifiers
        on acts.identifier_key = identifiers.identifier_key
    inner join exposures
        on
            identifiers.customer_id = exposures.customer_id
            and acts.product_line = exposures.product_line
            and acts.converted_at >= exposures.first_exposed_at
            and acts.converted_at
            < exposures.first_exposed_at
            + {{ var("conversion_window_days") }} * interval '1' day
    group by exposures.customer_id, exposures.product_line, exposures.week_start_date
),

customer_weeks as (
    select
        exposures.customer_id,
        exposures.product_line,
        exposures.week_start_date,
        exposures.first_exposed_at,
        exposures.delivered_count,
        exposures.click_count,
        conversions.customer_id is not null as is_converted
    from exposures
    left join conversions
        on
            exposures.customer_id = conversions.customer_id
            and exposures.product_line = conversions.product_line
            and exposures.week_start_date = conversions.week_start_date
),

segmented as (
    {{ by_segment("customer_weeks", "first_exposed_at") }}
),

final as (
    select
        customer_id,
        product_line,
        week_start_date,
        first_exposed_at,
        delivered_count,
        click_count,
        is_converted,
        segment_type,
        segment_value,
        {{ conversion_cell_key() }} as cell_key
    from segmented
)

select * from final
