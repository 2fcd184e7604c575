{%- set inputs = ["feedback"] -%}
with sums as (
    select
        instrument,
        week_start_date,
        segment_type,
        segment_value,
        count(*) as customer_count,
        {%- for name in [
            "invited", "responded", "answer", "score", "positive", "negative", "compared",
            "agreed", "invasive", "unwanted", "noisy", "misleading", "other",
        ] %}
        cast(sum({{ name }}_count) as bigint) as {{ name }}_count,
        {%- endfor %}
        {{ is_mature(add_days("week_start_date", 7 + var("feedback_window_days"))) }}
            as is_mature
    from {{ ref("sums_survey_customer_weekly") }}
    group by instrument, week_start_date, segment_type, segment_value
),

weeks as (
    select
        *,
        {{ survey_cell_key() }} as cell_key
    from sums
),

readouts as (
    select
        metric_name,
        cell_key,
        ci_lower,
        ci_upper
    from {{ source("inference", "clustered_ratios") }}
    where kpi_name = 'kpi_csat_weekly'
),

instruments as (
    select
        instrument,
        headline_weight
    from {{ ref("survey_instruments") }}
),

data_through as (
    {{ data_through(inputs) }}
),

degraded as (
    {{ degraded_windows(inputs, days=var("feedback_window_days")) }}
),

final as (
    select
        weeks.instrument,
        weeks.week_start_date,
        weeks.segment_type,
        weeks.segment_value,
        cast(coalesce(instruments.headline_weight, 0) as double) as headline_weight,
        weeks.customer_count,
        weeks.answer_count,
        {{ clustered_rate_columns(
            "csat_positive_rate",
            "weeks.positive_count",
            "weeks.score_count",
            "positive",
            "weeks.is_mature",
        ) }},
        case
            when instruments.headline_weight > 0
                then cast({{ var("target_csat_positive_rate") }} as double)
        end as csat_positive_rate_target,
        case
            when instruments.headline_weight > 0
                then
                    {{ rate("weeks.positive_count", "weeks.score_count", "weeks.is_mature") }}
                    > {{ var("target_csat_positive_rate") }}
        end as is_csat_positive_rate_target_met,
        {{ clustered_rate_columns(
            "response_rate",
            "weeks.responded_count",
            "weeks.invited_count",
            "response",
            "weeks.is_mature",
        ) }},
        case
            when weeks.is_mature and weeks.score_count >= {{ var("min_sample") }}
                then
                    cast(weeks.positive_count - weeks.negative_count as double)
                    / weeks.score_count
        end as net_sentiment,
        {{ clustered_rate_columns(
            "agreement_rate",
            "weeks.agreed_count",
            "weeks.compared_count",
            "agreement",
            "weeks.is_mature",
        ) }},
        {%- for theme in ["invasive", "unwanted", "noisy", "misleading", "other"] %}
        case when weeks.is_mature and weeks.instrument = 'exit' then weeks.{{ theme }}_count end
            as exit_{{ theme }}_count,
        {%- endfor %}
        weeks.is_mature,
        data_through.data_through_date,
        case when degraded.week_start_date is null then 'ok' else 'degraded' end as data_quality
    from weeks
    left join instruments
        on weeks.instrument = instruments.instrument
    {%- for metric, name in [
        ("csat_positive_rate", "positive"), ("response_rate", "response"),
        ("agreement_rate", "agreement"),
    ] %}
    left join readouts as {{ name }}
        on
            weeks.cell_key = {{ name }}.cell_key
            and {{ name }}.metric_name = '{{ metric }}'
    {%- endfor %}
    left join degraded
        on weeks.week_start_date = degraded.week_start_date
    cross join data_through
)

select * from final
