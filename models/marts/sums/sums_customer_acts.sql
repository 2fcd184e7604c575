{#-
    What experiments measure of customers, by day and measure. Under `feature_id` none is what counts for every feature;
    what tells of one feature only is under that one.
-#}
with marks as (
    select
        identifier_key,
        event_at as marked_at,
        cast('none' as string) as feature_id,
        cast('opt_out' as string) as measure
    from {{ ref("fct_messages") }}
    where kind = 'unsubscribed'
    union all
    select
        identifier_key,
        ordered_at as marked_at,
        cast('none' as string) as feature_id,
        cast('conversion' as string) as measure
    from {{ ref("fct_orders") }}
    where
        ordered_at is not null
        and refund_of is null
        and is_settled
    union all
    select
        identifier_key,
        completed_at as marked_at,
        cast('none' as string) as feature_id,
        cast('conversion' as string) as measure
    from {{ ref("fct_flow_instances") }}
    where completed_at is not null
    union all
    select
        identifier_key,
        event_at as marked_at,
        cast('none' as string) as feature_id,
        cast('interaction' as string) as measure
    from {{ ref("fct_feature_events") }}
    where is_interaction
    union all
    select
        prompts.identifier_key,
        prompts.prompted_at as marked_at,
        insights.feature_id,
        case when prompts.answer = 'yes' then 'helpful_answer' else 'other_answer' end as measure
    from {{ ref("fct_feedback_prompts") }} as prompts
    inner join {{ ref("fct_insights") }} as insights
        on prompts.insight_id = insights.insight_id
    where
        prompts.answer is not null
        and prompts.answered_at
        < prompts.prompted_at + interval '{{ var("feedback_window_days") }}' day
),

marked_days as (
    select
        identifiers.customer_id,
        {{ local_date("marks.marked_at") }} as activity_date,
        marks.feature_id,
        marks.measure,
        count(*) as amount
    from marks
    inner join {{ ref("dim_identifiers") }} as identifiers
        on marks.identifier_key = identifiers.identifier_key
    where marks.marked_at < {{ as_of() }}
    group by all
),

surveys as (
    select *
    from {{ ref("sums_survey_answers") }}
    where
        instrument = 'csat'
        and is_positive is not null
),

messages as (
    select *
    from {{ ref("fct_touches") }}
    where
        is_message
        and is_delivered
),

opt_outs as (
    select
        customer_id,
        opted_out_date as activity_date
    from {{ ref("fct_opt_outs") }}
),

final as (
    select
        customer_id,
        activity_date,
        feature_id,
        measure,
        cast(amount as decimal(18, 2)) as amount
    from marked_days
    {{ acts_of(
        "marked_days", "answer", "amount", "measure in ('helpful_answer', 'other_answer')",
        "feature_id",
    ) }}
    {{ acts_of(ref("fct_customer_days"), "session", "session_count", "session_count > 0") }}
    {{ acts_of(ref("fct_customer_days"), "active", "1", "is_active") }}
    {{ acts_of(ref("fct_savings_days"), "saved", "saved_amount") }}
    {{ acts_of(ref("fct_savings_days"), "inflow", "inflow_amount") }}
    {{ acts_of(ref("fct_revenue_days"), "net_revenue", "net_revenue") }}
    {{ acts_of("opt_outs", "opt_out", "1") }}
    {{ acts_of("surveys", "score", "1") }}
    {{ acts_of("surveys", "positive_score", "1", "is_positive") }}
    {{ acts_of("messages", "delivery", "1") }}
    {{ acts_of("messages", "click", "1", "clicked_at is not null") }}
)

select * from final
