{#- One row per customer, model behaviour and week: questions shown, answers given, taps made. -#}
with decided_insights as (
    select
        decision_id as insight_id,
        event_at,
        coalesce(model_version, 'none') as model_version,
        coalesce(model_behaviour, 'none') as model_behaviour,
        coalesce(reason_shown, false) as has_reason_shown
    from {{ ref("fct_decisions") }}
),

-- Two sources may tell of one decision: its prompts and taps must not count twice.
insights as (
    select
        insight_id,
        model_version,
        model_behaviour,
        has_reason_shown
    from decided_insights
    qualify
        row_number() over (
            partition by insight_id
            order by
                event_at asc, model_version asc, model_behaviour asc, has_reason_shown asc
        ) = 1
),

prompts as (
    select
        identifier_key,
        insight_id,
        {{ local_date("prompted_at") }} as activity_date,
        {{ answer_in_time("prompts") }} as answer,
        1 as prompted_count,
        0 as tap_count
    from {{ ref("fct_feedback_prompts") }} as prompts
),

taps as (
    select
        identifier_key,
        insight_id,
        activity_date,
        cast(null as string) as answer,
        0 as prompted_count,
        1 as tap_count
    from {{ ref("fct_feature_events") }}
    where insight_role = 'tapped'
),

prompts_and_taps as (
    select * from prompts
    union all
    select * from taps
),

final as (
    select
        identifiers.customer_id,
        coalesce(insights.model_version, 'none') as model_version,
        coalesce(insights.model_behaviour, 'none') as model_behaviour,
        coalesce(insights.has_reason_shown, false) as has_reason_shown,
        {{ week_start("prompts_and_taps.activity_date") }} as week_start_date,
        sum(prompts_and_taps.prompted_count) as prompted_count,
        count(case when prompts_and_taps.answer = 'yes' then 1 end) as yes_count,
        count(case when prompts_and_taps.answer = 'no' then 1 end) as no_count,
        sum(prompts_and_taps.tap_count) as tap_count
    from prompts_and_taps
    inner join {{ ref("dim_identifiers") }} as identifiers
        on prompts_and_taps.identifier_key = identifiers.identifier_key
    left join insights
        on prompts_and_taps.insight_id = insights.insight_id
    group by all
)

select * from final
