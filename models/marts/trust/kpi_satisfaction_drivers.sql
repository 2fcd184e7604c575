{%- set inputs = ["feedback"] -%}
with drivers as (
    select *
    from {{ source("inference", "satisfaction_drivers") }}
),

data_through as (
    {{ data_through(inputs) }}
),

degraded_inputs as (
    {{ degraded_weeks(inputs) }}
),

degraded as (
    select count(*) as degraded_week_count
    from degraded_inputs
),

final as (
    select
        drivers.driver,
        drivers.customer_count,
        drivers.survey_count,
        drivers.coefficient as standardised_coefficient,
        drivers.ci_lower as standardised_coefficient_ci_lower,
        drivers.ci_upper as standardised_coefficient_ci_upper,
        drivers.p_value as standardised_coefficient_p_value,
        cast(
            case
                when drivers.coefficient is not null
                    then row_number() over (order by drivers.coefficient desc, drivers.driver asc)
            end as bigint
        ) as driver_rank,
        drivers.r_squared,
        cast('observational' as string) as evidence_type,
        data_through.data_through_date,
        case when degraded.degraded_week_count = 0 then 'ok' else 'degraded' end as data_quality
    from drivers
    cross join degraded
    cross join data_through
)

select * from final
