{#-
    What customers say of each feature: whether it helped, whether they take it up, whether they are satisfied. All counts
    belong to the week in which the window for an answer closed, so that nothing said later changes them.
-#}
with helpful as (
    select
        insights.feature_id,
        {{ local_date("prompts.prompted_at") }} as asked_date,
        {{ answer_in_time("prompts") }} as answer
    from {{ ref("fct_feedback_prompts") }} as prompts
    inner join {{ ref("fct_insights") }} as insights
        on prompts.insight_id = insights.insight_id
),

instruments as (
    select instrument
    from {{ ref("survey_instruments") }}
    where headline_weight > 0
),

scores as (
    select
        answers.customer_id,
        answers.source_name,
        answers.prompt_id,
        answers.activity_date as asked_date,
        answers.is_positive,
        answers.prompt_id like 'ticket:%' as is_about_ticket
    from {{ ref("sums_survey_answers") }} as answers
    inner join instruments
        on answers.instrument = instruments.instrument
    where answers.is_positive is not null
),

-- A survey about the company speaks for what its customer was shown in the week of asking.
satisfied_with_company as (
    select
        shown.feature_id,
        scores.asked_date,
        scores.is_positive
    from scores
    inner join {{ ref("sums_feature_customer_weekly") }} as shown
        on
            scores.customer_id = shown.customer_id
            and {{ week_start("scores.asked_date") }} = shown.week_start_date
            and shown.is_exposed_enabled
    where not scores.is_about_ticket
),

-- The rating of a ticket speaks for the ticket's feature; where it has none, for nothing.
satisfied_with_ticket as (
    select
        tickets.feature_id,
        scores.asked_date,
        scores.is_positive
    from scores
    inner join {{ ref("fct_tickets") }} as tickets
        on
            scores.source_name = tickets.source_name
            and scores.prompt_id = 'ticket:' || tickets.ticket_id
    where
        scores.is_about_ticket
        and tickets.feature_id is not null
),

satisfied as (
    select * from satisfied_with_company
    union all
    select * from satisfied_with_ticket
),

voices as (
    select
        feature_id,
        {{ week_start(add_days("asked_date", var("feedback_window_days"))) }} as week_start_date,
        case when answer = 'yes' then 1 else 0 end as helpful_count,
        1 as helpful_answer_count,
        0 as opt_in_count,
        0 as offer_count,
        0 as csat_positive_count,
        0 as csat_answer_count
    from helpful
    where answer is not null
    union all
    select
        feature_id,
        {{ week_start(add_days("offered_date", var("opt_in_window_days"))) }} as week_start_date,
        0 as helpful_count,
        0 as helpful_answer_count,
        case
            when opted_in_at < offered_at + interval '{{ var("opt_in_window_days") }}' day then 1
            else 0
        end as opt_in_count,
        1 as offer_count,
        0 as csat_positive_count,
        0 as csat_answer_count
    from {{ ref("fct_first_offers") }}
    union all
    select
        feature_id,
        {{ week_start(add_days("asked_date", var("feedback_window_days"))) }} as week_start_date,
        0 as helpful_count,
        0 as helpful_answer_count,
        0 as opt_in_count,
        0 as offer_count,
        case when is_positive then 1 else 0 end as csat_positive_count,
        1 as csat_answer_count
    from satisfied
),

final as (
    select
        {%- for count in [
            "helpful", "helpful_answer", "opt_in", "offer", "csat_positive", "csat_answer",
        ] %}
        cast(sum({{ count }}_count) as bigint) as {{ count }}_count,
        {%- endfor %}
        feature_id,
        week_start_date
    from voices
    group by feature_id, week_start_date
)

select * from final
