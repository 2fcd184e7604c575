{%- set inputs = ["events", "preferences"] -%}
with cohorts as (
    select
        feature_id,
        cohort_week_start_date,
        max(at_risk_count) as customer_count,
        cast(sum(case when day_number < 7 then opt_out_count else 0 end) as bigint)
            as opt_out_count_7d,
        cast(sum(case when day_number < 28 then opt_out_count else 0 end) as bigint)
            as opt_out_count_28d,
        -- Over when the last possible newcomer of the week has been followed for all of it.
        {{ is_mature(add_days("cohort_week_start_date", 13)) }} as is_mature_7d,
        {{ is_mature(add_days("cohort_week_start_date", 34)) }} as is_mature
    from {{ ref("sums_opt_out_life_tables") }}
    group by feature_id, cohort_week_start_date
),

curves as (
    select
        {%- for days in [7, 28] %}
        {%- for figure in ["value", "ci_lower", "ci_upper"] %}
        max(case when window_days = {{ days }} then {{ figure }} end)
            as {{ figure }}_{{ days }}d,
        {%- endfor %}
        {%- endfor %}
        feature_id,
        cohort_week_start_date
    from {{ source("inference", "opt_out_curves") }}
    group by feature_id, cohort_week_start_date
),

data_through as (
    {{ data_through(inputs) }}
),

degraded as (
    {{ degraded_windows(inputs, days=28) }}
),

final as (
    select
        cohorts.feature_id,
        cohorts.cohort_week_start_date,
        cohorts.customer_count,
        {%- for days, is_mature in [(7, "cohorts.is_mature_7d"), (28, "cohorts.is_mature")] %}
        {%- set is_shown = is_mature ~ " and cohorts.customer_count >= " ~ var("min_sample") %}
        case when {{ is_shown }} then curves.value_{{ days }}d end as opt_out_rate_{{ days }}d,
        case when {{ is_mature }} then cohorts.opt_out_count_{{ days }}d end
            as opt_out_rate_{{ days }}d_numerator,
        case when {{ is_mature }} then cohorts.customer_count end
            as opt_out_rate_{{ days }}d_denominator,
        case when {{ is_shown }} then curves.ci_lower_{{ days }}d end
            as opt_out_rate_{{ days }}d_ci_lower,
        case when {{ is_shown }} then curves.ci_upper_{{ days }}d end
            as opt_out_rate_{{ days }}d_ci_upper,
        {%- endfor %}
        cast({{ var("target_opt_out_rate_28d") }} as double) as opt_out_rate_28d_target,
        case
            when cohorts.is_mature and cohorts.customer_count >= {{ var("min_sample") }}
                then curves.value_28d <= {{ var("target_opt_out_rate_28d") }}
        end as is_opt_out_rate_28d_target_met,
        cohorts.is_mature,
        data_through.data_through_date,
        case when degraded.week_start_date is null then 'ok' else 'degraded' end as data_quality
    from cohorts
    left join curves
        on
            cohorts.feature_id = curves.feature_id
            and cohorts.cohort_week_start_date = curves.cohort_week_start_date
    left join degraded
        on cohorts.cohort_week_start_date = degraded.week_start_date
    cross join data_through
)

select * from final
