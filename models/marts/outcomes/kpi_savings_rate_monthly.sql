with months as (
    select
        *,
        {{ is_mature(next_month_start("month_start_date")) }} as is_mature
    from {{ ref("sums_savings_monthly") }}
),

data_through as (
    {{ data_through(["ledger"]) }}
),

degraded as (
    select distinct {{ month_start("activity_date") }} as month_start_date
    from (
        {{ degraded_days(["ledger", "assignments"]) }}
    ) as days
),

final as (
    select
        months.month_start_date,
        months.experiment_id,
        months.variation_id,
        months.segment_type,
        months.segment_value,
        months.customer_count,
        case
            when months.is_mature and months.customer_count >= {{ var("min_sample") }}
                then cast(months.sum_y as double) / nullif(cast(months.sum_x as double), 0)
        end as savings_rate,
        case when months.is_mature then months.sum_y end as savings_rate_numerator,
        case when months.is_mature then months.sum_x end as savings_rate_denominator,
        case
            when months.is_mature and months.customer_count >= {{ var("min_sample") }}
                then rates.ci_lower
        end as savings_rate_ci_lower,
        case
            when months.is_mature and months.customer_count >= {{ var("min_sample") }}
                then rates.ci_upper
        end as savings_rate_ci_upper,
        cast('{{ var("reporting_currency") }}' as string) as currency_code,
        months.other_currency_count,
        case when months.experiment_id = 'none' then 'observational' else 'randomised' end
            as evidence_type,
        months.is_mature,
        data_through.data_through_date,
        case when degraded.month_start_date is null then 'ok' else 'degraded' end as data_quality
    from months
    inner join {{ source("inference", "savings_rates") }} as rates
        on
            months.month_start_date = rates.month_start_date
            and months.experiment_id = rates.experiment_id
            and months.variation_id = rates.variation_id
            and months.segment_type = rates.segment_type
            and months.segment_value = rates.segment_value
    left join degraded
        on months.month_start_date = degraded.month_start_date
    cross join data_through
)

select * from final
