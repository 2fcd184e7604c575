{#-
    Per feature and week, from the first exposure or the launch to the last complete week and none left out: who was
    shown it, who used it, who could turn it off for the first time and who did.
-#}
with bounds as (
    select
        {{ week_start("min(activity_date)") }} as first_week,
        {{ week_start(add_days(as_of_date(), -7 - var("allowed_lateness_days"))) }} as last_week
    from {{ ref("dim_dates") }}
),

customers as (
    select
        feature_id,
        {{ week_start(local_date("first_exposed_at")) }} as exposed_week,
        case
            when first_opted_out_at is null or first_opted_out_at >= first_exposed_at
                then {{ week_start(local_date("first_opted_out_at")) }}
        end as opted_out_week,
        first_opted_out_at is null
        or first_opted_out_at >= first_exposed_at as is_at_risk
    from {{ ref("fct_feature_customers") }}
),

starts as (
    select
        feature_id,
        exposed_week as start_week
    from customers
    union all
    select
        feature_id,
        {{ week_start(local_date("launched_at")) }} as start_week
    from {{ ref("dim_features") }}
    where launched_at is not null
),

spans as (
    select
        starts.feature_id,
        greatest(min(starts.start_week), min(bounds.first_week)) as first_week,
        min(bounds.last_week) as last_week
    from starts
    cross join bounds
    group by starts.feature_id
    having greatest(min(starts.start_week), min(bounds.first_week)) <= min(bounds.last_week)
),

days as (
    select
        feature_id,
        {{ date_range("first_week", "last_week") }} as week_start_date
    from spans
),

weeks as (
    select
        feature_id,
        week_start_date
    from days
    where week_start_date = {{ week_start("week_start_date") }}
),

-- At risk in a week is who may turn the feature off for the first time at some moment of it.
marks as (
    select
        feature_id,
        exposed_week as week_start_date,
        1 as exposed_count,
        case when is_at_risk then 1 else 0 end as at_risk_count,
        0 as opt_out_count
    from customers
    union all
    select
        feature_id,
        opted_out_week as week_start_date,
        0 as exposed_count,
        0 as at_risk_count,
        1 as opt_out_count
    from customers
    where opted_out_week is not null
    union all
    select
        feature_id,
        {{ add_days("opted_out_week", 7) }} as week_start_date,
        0 as exposed_count,
        -1 as at_risk_count,
        0 as opt_out_count
    from customers
    where opted_out_week is not null
),

changes as (
    select
        feature_id,
        week_start_date,
        sum(exposed_count) as exposed_count,
        sum(at_risk_count) as at_risk_count,
        sum(opt_out_count) as opt_out_count
    from marks
    group by feature_id, week_start_date
),

uses as (
    select
        feature_id,
        week_start_date,
        count(case when is_exposed_enabled then 1 end) as exposed_enabled_count,
        count(case when is_exposed_enabled and has_used then 1 end) as weekly_active_count,
        sum(interaction_count) as interaction_count
    from {{ ref("sums_feature_customer_weekly") }}
    group by feature_id, week_start_date
),

final as (
    select
        weeks.feature_id,
        weeks.week_start_date,
        {%- for level in ["exposed", "at_risk"] %}
        cast(
            sum(coalesce(changes.{{ level }}_count, 0)) over (
                partition by weeks.feature_id
                order by weeks.week_start_date asc
                rows between unbounded preceding and current row
            ) as bigint
        ) as {{ "exposed_customer" if level == "exposed" else level }}_count,
        {%- endfor %}
        cast(coalesce(changes.opt_out_count, 0) as bigint) as opt_out_count,
        cast(coalesce(uses.exposed_enabled_count, 0) as bigint) as exposed_enabled_count,
        cast(coalesce(uses.weekly_active_count, 0) as bigint) as weekly_active_count,
        cast(coalesce(uses.interaction_count, 0) as bigint) as interaction_count
    from weeks
    left join changes
        on
            weeks.feature_id = changes.feature_id
            and weeks.week_start_date = changes.week_start_date
    left join uses
        on
            weeks.feature_id = uses.feature_id
            and weeks.week_start_date = uses.week_start_date
)

select * from final
