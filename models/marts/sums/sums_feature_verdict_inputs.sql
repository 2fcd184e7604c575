{#-
    All that the verdict of a feature's week follows from, but for its experiments and spikes of tickets: one row a week,
    none left out.
-#}
{%- set inputs = ["events", "preferences"] -%}
with data_through as (
    {{ data_through(inputs) }}
),

-- A batch set aside and not delivered again: what it would have said of the week is not known.
set_aside as (
    select {{ week_start("batches.received_date") }} as week_start_date
    from {{ ref("fct_batch_hygiene") }} as batches
    inner join {{ ref("dim_contracts") }} as contracts
        on
            batches.source_name = contracts.source_name
            and batches.table_name = contracts.table_name
    where
        contracts.canonical_table in ('events', 'preferences')
        and batches.set_aside_count > 0
        and batches.landed_count = 0
    group by {{ week_start("batches.received_date") }}
),

-- Days 7 to 13 of the last first-time user of a week end with the week after the next.
returns as (
    select
        feature_id,
        {{ add_days("cohort_week_start_date", 14) }} as week_start_date,
        returned_count,
        first_time_user_count
    from {{ ref("sums_return_cohorts") }}
),

final as (
    select
        weeks.feature_id,
        weeks.week_start_date,
        {%- for count in [
            "exposed_customer", "at_risk", "opt_out", "exposed_enabled", "weekly_active",
            "interaction",
        ] %}
        weeks.{{ count }}_count,
        {%- endfor %}
        {%- for count in [
            "helpful", "helpful_answer", "opt_in", "offer", "csat_positive", "csat_answer",
        ] %}
        cast(coalesce(voices.{{ count }}_count, 0) as bigint) as {{ count }}_count,
        {%- endfor %}
        cast(coalesce(returns.returned_count, 0) as bigint) as return_count,
        cast(coalesce(returns.first_time_user_count, 0) as bigint) as first_use_count,
        cast(coalesce(registry.reportable_incident_count, 0) as bigint)
            as reportable_incident_count,
        coalesce(registry.has_fix, false) as has_fix,
        coalesce(registry.has_pivot, false) as has_pivot,
        coalesce(registry.has_version, false) as has_version,
        coalesce(registry.has_override, false) as has_override,
        set_aside.week_start_date is not null
        or data_through.data_through_date is null
        or data_through.data_through_date < {{ add_days("weeks.week_start_date", 6) }}
            as is_blocked
    from {{ ref("sums_feature_weeks") }} as weeks
    left join {{ ref("sums_feature_voices_weekly") }} as voices
        on
            weeks.feature_id = voices.feature_id
            and weeks.week_start_date = voices.week_start_date
    left join {{ ref("sums_feature_registry_weekly") }} as registry
        on
            weeks.feature_id = registry.feature_id
            and weeks.week_start_date = registry.week_start_date
    left join returns
        on
            weeks.feature_id = returns.feature_id
            and weeks.week_start_date = returns.week_start_date
    left join set_aside
        on weeks.week_start_date = set_aside.week_start_date
    cross join data_through
)

select * from final
