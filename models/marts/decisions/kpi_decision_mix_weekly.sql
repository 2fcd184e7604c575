{%- set inputs = ["decisions"] -%}
{%- set dimensions = {
    "message": "decisions.message",
    "channel": "decisions.channel",
    "time": local_hour_number("decisions.send_time") ~ " % 24",
    "offer": "decisions.offer_id",
    "tone": "decisions.tone",
    "frequency": "decisions.frequency",
    "format": "decisions.format",
} -%}
with customer_weeks as (
    select *
    from {{ ref("sums_decision_mix_customer_weekly") }}
),

weeks as (
    select
        policy_type,
        week_start_date,
        count(case when decision_count > 0 then 1 end) as customer_count,
        cast(sum(decision_count) as bigint) as decision_count,
        cast(sum(all_decision_count) as bigint) as all_decision_count,
        {{ is_mature(add_days("week_start_date", 7)) }} as is_mature
    from customer_weeks
    group by policy_type, week_start_date
),

-- What a policy never varies, it does not optimise.
policy_weeks as (
    select
        {%- for dimension, value in dimensions.items() %}
        count(distinct {{ value }}) > 1 as is_{{ dimension }}_varied,
        {%- endfor %}
        coalesce(decisions.policy_type, 'unknown') as policy_type,
        coalesce(decisions.policy_id, 'none') as policy_id,
        {{ week_start(local_date("decisions.decided_at")) }} as week_start_date
    from {{ ref("fct_decisions") }} as decisions
    group by all
),

varied as (
    select
        policy_type,
        week_start_date,
        {%- for dimension in dimensions %}
        max(case when is_{{ dimension }}_varied then 1 else 0 end) as {{ dimension }}_count,
        {%- endfor %}
        count(*) as policy_count
    from policy_weeks
    group by policy_type, week_start_date
),

readouts as (
    select
        cell_key,
        ci_lower,
        ci_upper
    from {{ source("inference", "clustered_ratios") }}
    where
        kpi_name = 'kpi_decision_mix_weekly'
        and metric_name = 'decision_share'
),

data_through as (
    {{ data_through(inputs) }}
),

degraded as (
    {{ degraded_weeks(inputs) }}
),

final as (
    select
        weeks.policy_type,
        weeks.week_start_date,
        weeks.customer_count,
        weeks.decision_count,
        varied.policy_count,
        {{ clustered_rate_columns(
            "decision_share",
            "weeks.decision_count",
            "weeks.all_decision_count",
            "readouts",
            "weeks.is_mature",
        ) }},
        {%- for dimension in dimensions %}
        varied.{{ dimension }}_count = 1 as is_{{ dimension }}_optimised,
        {%- endfor %}
        cast(
            {%- for dimension in dimensions %}
            {{ "+ " if not loop.first }}varied.{{ dimension }}_count
            {%- endfor %}
            as bigint
        ) as optimised_dimension_count,
        weeks.is_mature,
        data_through.data_through_date,
        case when degraded.week_start_date is null then 'ok' else 'degraded' end as data_quality
    from weeks
    inner join varied
        on
            weeks.policy_type = varied.policy_type
            and weeks.week_start_date = varied.week_start_date
    left join readouts
        on
            weeks.policy_type || ' ' || cast(weeks.week_start_date as string) = readouts.cell_key
    left join degraded
        on weeks.week_start_date = degraded.week_start_date
    cross join data_through
)

select * from final
