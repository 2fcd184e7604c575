{#-
    Hours in which a source delivered far less than in its weeks before: against the same hour of the same weekday,
    an hour to either side, by the wall clock. Median and quartiles, so that one odd week moves nothing.
-#}
with hours as (
    select *
    from {{ ref("fct_source_hours") }}
),

shifts as (
    select offsets.hour_shift
    from (
        values
        {%- for week in range(1, var("volume_gap_weeks") + 1) %}
        ({{ week * -168 - 1 }}),
        ({{ week * -168 }}),
        ({{ week * -168 + 1 }}){{ "," if not loop.last }}
        {%- endfor %}
    ) as offsets (hour_shift)
),

baselines as (
    select
        hours.source_name,
        hours.hour_start_at,
        count(*) as baseline_hour_count,
        percentile_cont(0.25) within group (order by cast(past.received_count as double))
            as lower_quartile,
        percentile_cont(0.50) within group (order by cast(past.received_count as double))
            as expected_count,
        percentile_cont(0.75) within group (order by cast(past.received_count as double))
            as upper_quartile
    from hours
    cross join shifts
    inner join hours as past
        on
            hours.source_name = past.source_name
            and hours.local_hour_number + shifts.hour_shift = past.local_hour_number
    group by hours.source_name, hours.hour_start_at
),

-- Counts scatter by the root of their size at least, however alike the weeks before were.
limits as (
    select
        source_name,
        hour_start_at,
        expected_count,
        least(
            expected_count * {{ var("volume_gap_share") }},
            expected_count - {{ var("volume_gap_deviations") }} * greatest(
                (upper_quartile - lower_quartile) / 1.349,
                sqrt(expected_count)
            )
        ) as least_count
    from baselines
    where
        baseline_hour_count >= {{ var("volume_gap_weeks") }} * 3 / 2
        and expected_count >= {{ var("volume_gap_min_expected") }}
),

quiet_days as (
    select
        source_name,
        quiet_date
    from {{ ref("stg_lake__quiet_days") }}
),

judged as (
    select
        hours.source_name,
        hours.hour_start_at,
        hours.activity_date,
        hours.received_count,
        limits.expected_count,
        case
            when quiet_days.quiet_date is null and limits.least_count > 0 then limits.least_count
        end as least_count,
        coalesce(
            quiet_days.quiet_date is null
            and hours.received_count < limits.least_count, false
        ) as is_low
    from hours
    left join limits
        on
            hours.source_name = limits.source_name
            and hours.hour_start_at = limits.hour_start_at
    left join quiet_days
        on
            hours.source_name = quiet_days.source_name
            and hours.activity_date = quiet_days.quiet_date
),

final as (
    select
        *,
        is_low
        and coalesce(
            lag(is_low) over (partition by source_name order by hour_start_at asc), false
        ) as is_gap
    from judged
)

select * from final
