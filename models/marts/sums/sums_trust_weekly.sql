{#-
    What each feature's trust is made of, week by week: what is counted, of what, and whether
    it can be said yet.
-#}
with opt_outs as (
    select
        feature_id,
        {{ week_start("activity_date") }} as week_start_date,
        cast(sum(opt_out_count) as bigint) as numerator,
        cast(sum(at_risk_count) as bigint) as denominator
    from {{ ref("sums_opt_out_daily") }}
    group by feature_id, {{ week_start("activity_date") }}
),

features as (
    select distinct feature_id
    from opt_outs
),

theme_tickets as (
    select
        tickets.feature_id,
        {{ week_start("tickets.activity_date") }} as week_start_date,
        cast(sum(tickets.ticket_count) as bigint) as numerator,
        cast(max(tickets.exposed_count) as bigint) as denominator
    from {{ ref("sums_support_themes_daily") }} as tickets
    inner join features
        on tickets.feature_id = features.feature_id
    where tickets.theme <> 'other'
    group by tickets.feature_id, {{ week_start("tickets.activity_date") }}
),

helpful as (
    select
        insights.feature_id,
        {{ week_start(local_date("prompts.prompted_at")) }} as week_start_date,
        {{ answer_in_time("prompts") }} as answer
    from {{ ref("fct_feedback_prompts") }} as prompts
    inner join {{ ref("fct_insights") }} as insights
        on prompts.insight_id = insights.insight_id
),

offers as (
    select
        feature_id,
        {{ week_start("offered_date") }} as week_start_date,
        opted_in_at < offered_at + interval '{{ var("opt_in_window_days") }}' day as is_opted_in
    from {{ ref("fct_first_offers") }}
),

permissions as (
    select
        week_start_date,
        cast(sum(grant_count) as bigint) as numerator,
        cast(sum(prompt_count) as bigint) as denominator
    from {{ ref("sums_permission_weekly") }}
    group by week_start_date
),

components as (
    select
        'opt_out' as component,
        feature_id,
        week_start_date,
        numerator,
        denominator,
        0 as window_days
    from opt_outs
    union all
    select
        'theme_ticket' as component,
        feature_id,
        week_start_date,
        numerator,
        denominator,
        0 as window_days
    from theme_tickets
    union all
    select
        'helpful' as component,
        feature_id,
        week_start_date,
        count(case when answer = 'yes' then 1 end) as numerator,
        count(answer) as denominator,
        {{ var("feedback_window_days") }} as window_days
    from helpful
    group by feature_id, week_start_date
    union all
    select
        'opt_in' as component,
        feature_id,
        week_start_date,
        count(case when is_opted_in then 1 end) as numerator,
        count(*) as denominator,
        {{ var("opt_in_window_days") }} as window_days
    from offers
    group by feature_id, week_start_date
    union all
    select
        'permission' as component,
        features.feature_id,
        permissions.week_start_date,
        permissions.numerator,
        permissions.denominator,
        {{ var("permission_window_days") }} as window_days
    from permissions
    cross join features
),

final as (
    select
        components.component,
        components.feature_id,
        components.week_start_date,
        components.numerator,
        components.denominator,
        weights.direction,
        weights.weight,
        cast({{ var("trust_baseline_weeks") }} as integer) as baseline_weeks,
        components.denominator >= {{ var("min_sample") }}
        and {{ is_mature(add_days("components.week_start_date", "7 + components.window_days")) }}
            as is_known
    from components
    inner join {{ ref("trust_components") }} as weights
        on components.component = weights.component
)

select * from final
