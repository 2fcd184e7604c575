{#-
    Per week: visits of the preferences, what was changed in them, opt-outs with how long they took and how soon they were
    honoured, and what customers said to decisions.
-#}
with visits as (
    select
        identifiers.customer_id,
        events.event_at as visited_at,
        events.activity_date
    from {{ ref("fct_events") }} as events
    inner join {{ ref("dim_identifiers") }} as identifiers
        on events.identifier_key = identifiers.identifier_key
    where events.event_role = 'preferences_visit'
),

visit_weeks as (
    select
        {{ week_start("activity_date") }} as week_start_date,
        count(*) as preference_visit_count,
        count(distinct customer_id) as visitor_count
    from visits
    group by {{ week_start("activity_date") }}
),

edit_weeks as (
    select
        {{ week_start("activity_date") }} as week_start_date,
        count(*) as preference_edit_count
    from {{ ref("fct_events") }}
    where is_setting_change
    group by {{ week_start("activity_date") }}
),

opt_outs as (
    select
        {{ week_start("opt_outs.opted_out_date") }} as week_start_date,
        case
            when opt_outs.scope <> 'channel'
                then {{ microseconds_between("max(visits.visited_at)", "opt_outs.opted_out_at") }}
        end as visit_microseconds
    from {{ ref("fct_opt_outs") }} as opt_outs
    left join visits
        on
            opt_outs.customer_id = visits.customer_id
            and opt_outs.opted_out_at >= visits.visited_at
            and opt_outs.opted_out_at
            < visits.visited_at + interval '{{ var("opt_out_attribution_hours") }}' hour
    group by
        opt_outs.customer_id,
        opt_outs.scope,
        opt_outs.feature_id,
        opt_outs.channel,
        opt_outs.opted_out_at,
        opt_outs.opted_out_date
),

opt_out_weeks as (
    select
        week_start_date,
        count(*) as opt_out_count,
        percentile_cont(0.5) within group (
            order by cast(visit_microseconds as double)
        ) / 1000000 as visit_to_opt_out_seconds_p50
    from opt_outs
    group by week_start_date
),

honour_weeks as (
    select
        {{ week_start("opted_out_date") }} as week_start_date,
        count(last_contacted_at) as breached_opt_out_count,
        percentile_cont(0.95) within group (
            order by cast(
                coalesce({{ microseconds_between("opted_out_at", "last_contacted_at") }}, 0)
                as double
            )
        ) / 3600000000 as opt_out_honour_hours_p95
    from {{ ref("sums_opt_out_honour") }}
    group by {{ week_start("opted_out_date") }}
),

response_weeks as (
    select
        {%- for count in ["served", "accepted", "overridden", "auto_applied"] %}
        cast(sum({{ count }}_count) as bigint) as {{ count }}_count,
        {%- endfor %}
        week_start_date
    from {{ ref("sums_decision_responses_weekly") }}
    group by week_start_date
),

spine as (
    select week_start_date from visit_weeks
    union distinct
    select week_start_date from edit_weeks
    union distinct
    select week_start_date from opt_out_weeks
    union distinct
    select week_start_date from response_weeks
),

final as (
    select
        {%- for count in ["served", "accepted", "overridden", "auto_applied"] %}
        coalesce(response_weeks.{{ count }}_count, 0) as {{ count }}_count,
        {%- endfor %}
        spine.week_start_date,
        coalesce(visit_weeks.preference_visit_count, 0) as preference_visit_count,
        coalesce(visit_weeks.visitor_count, 0) as visitor_count,
        coalesce(edit_weeks.preference_edit_count, 0) as preference_edit_count,
        coalesce(opt_out_weeks.opt_out_count, 0) as opt_out_count,
        opt_out_weeks.visit_to_opt_out_seconds_p50,
        coalesce(honour_weeks.breached_opt_out_count, 0) as breached_opt_out_count,
        honour_weeks.opt_out_honour_hours_p95
    from spine
    left join visit_weeks
        on spine.week_start_date = visit_weeks.week_start_date
    {%- for weeks in ["edit", "opt_out", "honour", "response"] %}
    left join {{ weeks }}_weeks
        on spine.week_start_date = {{ weeks }}_weeks.week_start_date
    {%- endfor %}
)

select * from final
