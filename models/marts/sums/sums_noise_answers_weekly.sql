{#- What the KPIs of answers and mails would rest on with each noise filter off. -#}
{%- set by = ["filter_name"] -%}
with counted_verdicts as (
    {{ counted_verdicts() }}
),

prompt_events as (
    select
        counted_verdicts.filter_name,
        events.prompt_id,
        events.insight_id,
        events.identifier_key,
        events.event_at,
        events.is_feedback_prompt
    from {{ ref("fct_judged_events") }} as events
    inner join counted_verdicts
        on events.verdict = counted_verdicts.verdict
    where events.is_feedback_prompt
),

answer_versions as (
    select
        counted_verdicts.filter_name,
        answers.*
    from {{ ref("fct_judged_feedback") }} as answers
    inner join counted_verdicts
        on answers.verdict = counted_verdicts.verdict
),

answers as (
    {{ feedback_versions("answer_versions", by) }}
),

prompts as (
    {{ feedback_prompts("prompt_events", "answers", by) }}
),

prompt_weeks as (
    select
        prompts.filter_name,
        {{ week_start(local_date("prompts.prompted_at")) }} as week_start_date,
        {{ answer_in_time("prompts") }} as answer
    from prompts
    inner join {{ ref("dim_identifiers") }} as identifiers
        on prompts.identifier_key = identifiers.identifier_key
),

mail_weeks as (
    select
        counted_verdicts.filter_name,
        {{ week_start(local_date("messages.event_at")) }} as week_start_date,
        count(case when messages.kind = 'opened' then 1 end) as opened_count,
        count(case when messages.kind = 'clicked' then 1 end) as clicked_count,
        coalesce(
            nullif(count(case when messages.kind = 'delivered' then 1 end), 0),
            count(case when messages.kind = 'sent' then 1 end)
        ) as reached_count
    from {{ ref("fct_judged_messages") }} as messages
    inner join counted_verdicts
        on messages.verdict = counted_verdicts.verdict
    where messages.channel = 'email'
    group by
        counted_verdicts.filter_name, {{ week_start(local_date("messages.event_at")) }}
),

final as (
    select
        'helpful_rate' as kpi_name,
        filter_name,
        week_start_date,
        count(case when answer = 'yes' then 1 end) as numerator,
        count(answer) as denominator
    from prompt_weeks
    group by filter_name, week_start_date
    union all
    select
        'email_open_rate' as kpi_name,
        filter_name,
        week_start_date,
        opened_count as numerator,
        reached_count as denominator
    from mail_weeks
    union all
    select
        'email_click_rate' as kpi_name,
        filter_name,
        week_start_date,
        clicked_count as numerator,
        reached_count as denominator
    from mail_weeks
)

select * from final
