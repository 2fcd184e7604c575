{%- set own = ["cells.customer_count"] -%}
{%- set both = ["cells.customer_count", "waits.holdout_count"] -%}
with cells as (
    select
        feature_id,
        experiment_id,
        variation_id,
        count(*) as customer_count,
        count(case when is_event then 1 end) as reached_count,
        max(duration_days) as longest_days
    from {{ ref("sums_goal_waits") }}
    group by feature_id, experiment_id, variation_id
),

data_through as (
    {{ data_through(["goals"]) }}
),

degraded as (
    select count(*) as week_count
    from (
        {{ degraded_weeks(["assignments", "goals"]) }}
    ) as weeks
),

final as (
    select
        cells.feature_id,
        cells.experiment_id,
        cells.variation_id,
        cells.customer_count,
        cells.reached_count,
        {{ if_enough("waits.median_weeks", own) }} as median_weeks,
        {%- for figure in ["", "_ci_lower", "_ci_upper"] %}
        {{ if_enough("waits.rmst_weeks" ~ figure, own) }} as rmst_weeks{{ figure }},
        {%- endfor %}
        waits.rmst_horizon_weeks,
        {%- for share in ["reached_by_week_11", "reached_by_week_17", "reached_by_week_26"] %}
        {%- for figure in ["", "_ci_lower", "_ci_upper"] %}
        {{ if_enough("waits." ~ share ~ figure, own) }} as {{ share }}{{ figure }},
        {%- endfor %}
        {%- endfor %}
        {%- for figure in ["", "_ci_lower", "_ci_upper"] %}
        {{ if_enough("waits.weeks_saved" ~ figure, both) }} as weeks_saved{{ figure }},
        {%- endfor %}
        cast({{ var("target_weeks_saved") }} as double) as weeks_saved_target,
        {{ if_enough("waits.weeks_saved", both) }}
        >= {{ var("target_weeks_saved") }} as is_weeks_saved_target_met,
        -- More than chance, and more than days.
        {{ if_enough(
            "waits.weeks_saved >= " ~ var("target_weeks_saved")
            ~ " and coalesce(waits.weeks_saved_ci_lower > 0, false)",
            both,
        ) }} as is_practically_significant,
        cast('randomised' as string) as evidence_type,
        cells.longest_days >= 182 as is_mature,
        data_through.data_through_date,
        case when degraded.week_count = 0 then 'ok' else 'degraded' end as data_quality
    from cells
    inner join {{ source("inference", "goal_waits") }} as waits
        on
            cells.experiment_id = waits.experiment_id
            and cells.feature_id = waits.feature_id
            and cells.variation_id = waits.variation_id
    cross join data_through
    cross join degraded
)

select * from final
