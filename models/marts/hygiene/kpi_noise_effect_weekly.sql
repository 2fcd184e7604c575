{%- set inputs = ["events", "preferences", "feedback", "messages"] -%}
with sums as (
    select * from {{ ref("sums_noise_features_weekly") }}
    union all
    select * from {{ ref("sums_noise_answers_weekly") }}
),

-- Days from the Monday until the last window of the week has closed.
windows as (
    select
        kpis.kpi_name,
        kpis.window_days
    from (
        values
        ('interaction_count', 7),
        ('adoption_rate', 7),
        ('return_adoption_rate', 20),
        ('opt_out_hazard', 7),
        ('helpful_rate', {{ 7 + var("feedback_window_days") }}),
        ('email_open_rate', 7),
        ('email_click_rate', 7)
    ) as kpis (kpi_name, window_days)
),

compared as (
    select
        unfiltered.kpi_name,
        unfiltered.filter_name,
        unfiltered.week_start_date,
        windows.window_days,
        {{ is_mature(add_days("unfiltered.week_start_date", "windows.window_days")) }}
            as is_mature,
        coalesce(published.numerator, 0) as numerator_with,
        case
            when unfiltered.denominator is not null then coalesce(published.denominator, 0)
        end as denominator_with,
        unfiltered.numerator as numerator_without,
        unfiltered.denominator as denominator_without
    from sums as unfiltered
    inner join windows
        on unfiltered.kpi_name = windows.kpi_name
    left join sums as published
        on
            unfiltered.kpi_name = published.kpi_name
            and unfiltered.week_start_date = published.week_start_date
            and published.filter_name = 'none'
    where unfiltered.filter_name <> 'none'
),

valued as (
    select
        *,
        {{ restated_value("numerator_with", "denominator_with") }} as value_with,
        {{ restated_value("numerator_without", "denominator_without") }} as value_without
    from compared
),

data_through as (
    {{ data_through(inputs) }}
),

degraded as (
    {{ degraded_weeks(inputs) }}
),

final as (
    select
        valued.kpi_name,
        valued.filter_name,
        valued.week_start_date,
        valued.value_with,
        valued.value_without,
        valued.value_without - valued.value_with as difference,
        valued.numerator_with,
        valued.denominator_with,
        valued.numerator_without,
        valued.denominator_without,
        valued.is_mature,
        data_through.data_through_date,
        case when count(degraded.week_start_date) = 0 then 'ok' else 'degraded' end
            as data_quality
    from valued
    left join degraded
        on
            valued.week_start_date <= degraded.week_start_date
            and {{ add_days("valued.week_start_date", "valued.window_days") }}
            > degraded.week_start_date
    cross join data_through
    group by all
)

select * from final
