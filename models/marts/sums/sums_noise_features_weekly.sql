{#-
    What the feature KPIs would rest on with each noise filter off: the same definitions over more rows, one
    population per filter, beside the one that is published.
-#}
{%- set by = ["filter_name"] -%}
with counted_verdicts as (
    {{ counted_verdicts() }}
),

feature_events as (
    select
        counted_verdicts.filter_name,
        identifiers.customer_id,
        events.feature_id,
        events.event_at,
        events.activity_date,
        events.session_origin,
        {{ is_use() }} as is_use,
        {{ is_interaction() }} as is_interaction,
        false as is_frustrated
    from {{ ref("fct_judged_events") }} as events
    inner join counted_verdicts
        on events.verdict = counted_verdicts.verdict
    inner join {{ ref("dim_identifiers") }} as identifiers
        on events.identifier_key = identifiers.identifier_key
    where events.is_feature_event
),

features as (
    select distinct feature_id
    from feature_events
),

preferences as (
    select
        counted_verdicts.filter_name,
        identifiers.customer_id,
        changes.event_at,
        changes.scope,
        changes.feature_id,
        changes.new_state
    from {{ ref("fct_judged_preferences") }} as changes
    inner join counted_verdicts
        on changes.verdict = counted_verdicts.verdict
    inner join {{ ref("dim_identifiers") }} as identifiers
        on changes.identifier_key = identifiers.identifier_key
    where changes.scope in ('feature', 'global')
),

states as (
    {{ feature_states("preferences", "features", by) }}
),

customers as (
    {{ feature_customers("feature_events", "states", by) }}
),

customer_weeks as (
    {{ feature_customer_weeks("feature_events", "states", by) }}
),

first_uses as (
    {{ feature_returns("customers", "feature_events", "states", by) }}
),

cohorts as (
    {{ opt_out_cohorts("customers", by) }}
),

hazard_days as (
    {{ opt_out_days("cohorts", by) }}
),

final as (
    select
        'interaction_count' as kpi_name,
        filter_name,
        week_start_date,
        cast(sum(interaction_count) as bigint) as numerator,
        cast(null as bigint) as denominator
    from customer_weeks
    group by filter_name, week_start_date
    union all
    select
        'adoption_rate' as kpi_name,
        filter_name,
        week_start_date,
        count(case when is_exposed_enabled and has_used then 1 end) as numerator,
        count(case when is_exposed_enabled then 1 end) as denominator
    from customer_weeks
    group by filter_name, week_start_date
    union all
    select
        'return_adoption_rate' as kpi_name,
        filter_name,
        cohort_week_start_date as week_start_date,
        count(case when has_returned then 1 end) as numerator,
        count(*) as denominator
    from first_uses
    group by filter_name, cohort_week_start_date
    union all
    select
        'opt_out_hazard' as kpi_name,
        filter_name,
        {{ week_start("activity_date") }} as week_start_date,
        cast(sum(opt_out_count) as bigint) as numerator,
        cast(sum(at_risk_count) as bigint) as denominator
    from hazard_days
    group by filter_name, {{ week_start("activity_date") }}
)

select * from final
