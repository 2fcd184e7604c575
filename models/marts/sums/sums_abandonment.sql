{#-
    Customers by what became of their first run through a flow, completed or given up at a step, by whether they were
    away for `churn_inactive_days` after it, and by how active they had been in the 28 days before. Both groups are followed from
    the start of the run, which both lived to see.
-#}
with runs as (
    select
        identifiers.customer_id,
        instances.flow_id,
        instances.flow_instance_id,
        {{ local_date("instances.started_at") }} as started_date,
        case
            when instances.abandoned_at is not null
                then coalesce(instances.abandoned_step, 'start')
        end as step
    from {{ ref("fct_flow_instances") }} as instances
    inner join {{ ref("dim_identifiers") }} as identifiers
        on instances.identifier_key = identifiers.identifier_key
    where
        instances.abandoned_at is not null
        or instances.completed_at is not null
    qualify
        row_number() over (
            partition by identifiers.customer_id, instances.flow_id
            order by instances.started_at asc, instances.flow_instance_id asc
        ) = 1
),

followed as (
    select
        runs.customer_id,
        runs.flow_id,
        runs.step,
        count(case when days.activity_date < runs.started_date then 1 end) as prior_day_count,
        count(case when days.activity_date > runs.started_date then 1 end) = 0 as is_inactive
    from runs
    left join {{ ref("fct_customer_days") }} as days
        on
            runs.customer_id = days.customer_id
            and days.is_active
            and days.activity_date >= {{ add_days("runs.started_date", -28) }}
            and days.activity_date
            <= {{ add_days("runs.started_date", var("churn_inactive_days")) }}
    where {{ is_mature(add_days("runs.started_date", var("churn_inactive_days") + 1)) }}
    group by runs.customer_id, runs.flow_id, runs.step
),

-- Equally active customers are in one decile, so that it does not depend on how they are numbered.
deciles as (
    select
        *,
        cast(
            floor(
                10.0 * (rank() over (partition by flow_id order by prior_day_count asc) - 1)
                / count(*) over (partition by flow_id)
            ) as bigint
        )
        + 1 as activity_decile
    from followed
),

completed as (
    select
        flow_id,
        activity_decile,
        count(*) as completed_count,
        count(case when is_inactive then 1 end) as completed_inactive_count
    from deciles
    where step is null
    group by flow_id, activity_decile
),

abandoned as (
    select
        flow_id,
        step,
        activity_decile,
        count(*) as abandoned_count,
        count(case when is_inactive then 1 end) as abandoned_inactive_count
    from deciles
    where step is not null
    group by flow_id, step, activity_decile
),

steps as (
    select distinct
        abandoned.flow_id,
        abandoned.step,
        deciles.activity_decile
    from abandoned
    inner join deciles
        on abandoned.flow_id = deciles.flow_id
),

final as (
    select
        steps.flow_id,
        steps.step,
        steps.activity_decile,
        coalesce(abandoned.abandoned_count, 0) as abandoned_count,
        coalesce(abandoned.abandoned_inactive_count, 0) as abandoned_inactive_count,
        coalesce(completed.completed_count, 0) as completed_count,
        coalesce(completed.completed_inactive_count, 0) as completed_inactive_count
    from steps
    left join abandoned
        on
            steps.flow_id = abandoned.flow_id
            and steps.step = abandoned.step
            and steps.activity_decile = abandoned.activity_decile
    left join completed
        on
            steps.flow_id = completed.flow_id
            and steps.activity_decile = completed.activity_decile
)

select * from final
