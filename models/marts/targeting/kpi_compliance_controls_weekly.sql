{%- set inputs = ["decisions", "decision_reviews", "permissions"] -%}
{%- set rates = {
    "block_rate": ["blocked_count", "candidate_count"],
    "unfiltered_rate": ["unfiltered_count", "candidate_count"],
    "overturn_rate": ["overturned_count", "reviewed_count"],
    "reason_shown_rate": ["reason_shown_count", "served_count"],
    "sensitive_without_consent_rate": ["unpermitted_count", "sensitive_count"],
} -%}
with weeks as (
    select
        week_start_date,
        count(*) as customer_count,
        {%- for part in rates.values() | sum(start=[]) | unique %}
        cast(sum({{ part }}) as bigint) as {{ part }},
        {%- endfor %}
        {{ is_mature(add_days("week_start_date", 7)) }} as is_mature
    from {{ ref("sums_controls_customer_weekly") }}
    group by week_start_date
),

decisions as (
    {{ logged_decisions() }}
),

review_hours as (
    select
        {{ week_start(local_date("decisions.decided_at")) }} as week_start_date,
        cast({{ microseconds_between("reviews.requested_at", "reviews.reviewed_at") }} as double)
        / 3600000000 as hours
    from {{ ref("fct_decision_reviews") }} as reviews
    inner join decisions
        on reviews.decision_id = decisions.decision_id
    where reviews.reviewed_at >= reviews.requested_at
),

latencies as (
    select
        week_start_date,
        count(*) as review_count,
        percentile_cont(0.5) within group (order by hours) as review_latency_hours_p50,
        percentile_cont(0.95) within group (order by hours) as review_latency_hours_p95
    from review_hours
    group by week_start_date
),

{% for rate in rates %}
{{ rate }}s as (
    {{ readouts_of("kpi_compliance_controls_weekly", rate) }}
),

{% endfor -%}
data_through as (
    {{ data_through(inputs) }}
),

degraded as (
    {{ degraded_weeks(inputs) }}
),

final as (
    select
        weeks.week_start_date,
        weeks.customer_count,
        weeks.candidate_count,
        weeks.blocked_count,
        weeks.unfiltered_count,
        weeks.served_count,
        weeks.reviewed_count,
        weeks.overturned_count,
        {%- for quantile in ["p50", "p95"] %}
        cast({{ if_enough(
            "latencies.review_latency_hours_" ~ quantile,
            ["latencies.review_count"],
            "weeks.is_mature",
        ) }} as double) as review_latency_hours_{{ quantile }},
        {%- endfor %}
        weeks.sensitive_count,
        weeks.unpermitted_count as sensitive_without_consent_count,
        {%- for rate, parts in rates.items() %}
        {{ clustered_rate_columns(
            rate, "weeks." ~ parts[0], "weeks." ~ parts[1], rate ~ "s", "weeks.is_mature"
        ) }},
        {%- endfor %}
        weeks.is_mature,
        data_through.data_through_date,
        case when degraded.week_start_date is null then 'ok' else 'degraded' end as data_quality
    from weeks
    left join latencies
        on weeks.week_start_date = latencies.week_start_date
    {%- for rate in rates %}
    left join {{ rate }}s
        on cast(weeks.week_start_date as string) = {{ rate }}s.cell_key
    {%- endfor %}
    left join degraded
        on weeks.week_start_date = degraded.week_start_date
    cross join data_through
)

select * from final
