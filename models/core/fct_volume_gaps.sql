{#-
    Hours in which a source delivered far less than in its weeks before: against the same hour of the same weekday,
    an hour to either side, by the wall clock. Median and quartiles, so that one odd week moves nothing.
-#}
with hours as (
    select *
    from {{ ref("fct_source_hours") }}
),

-- Each hour under the numbers of the hours it is a measure for. Shifted before the join and not in
-- its condition, which would compare every hour of a source with every other.
past_hours as (
    {%- for place in range(3 * var("volume_gap_weeks")) %}
    select
        source_name,
        local_hour_number + {{ (place // 3 + 1) * 168 + place % 3 - 1 }} as local_hour_number,
        cast(received_count as double) as received_count
    from hours
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

baselines as (
    select
        hours.source_name,
        hours.hour_start_at,
        count(*) as baseline_hour_count,
        percentile_cont(0.25) within group (order by past_hours.received_count) as lower_quartile,
        percentile_cont(0.50) within group (order by past_hours.received_count)
            as expected_count,
        percentile_cont(0.75) within group (order by past_hours.received_count)
            as upper_quartile
    from hours
    inner join past_hours
        on
            hours.source_name = past_hours.source_name
            and hours.local_hour_number = past_hours.local_hour_number
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

gaps as (
    select
        *,
        is_low
        and coalesce(
            lag(is_low) over (partition by source_name order by hour_start_at asc), false
        ) as is_gap
    from judged
),

delivered_hours as (
    select
        source_name,
        hour_start_at
    from {{ ref("stg_lake__delivered_hours") }}
),

marking_sources as (
    select distinct source_name
    from delivered_hours
),

final as (
    select
        gaps.*,
        case
            when not gaps.is_gap then cast(null as string)
            when marking_sources.source_name is null then 'unknown'
            when delivered_hours.hour_start_at is null then 'no_data'
            else 'no_traffic'
        end as gap_kind
    from gaps
    left join marking_sources
        on gaps.source_name = marking_sources.source_name
    left join delivered_hours
        on
            gaps.source_name = delivered_hours.source_name
            and gaps.hour_start_at = delivered_hours.hour_start_at
)

select * from final
