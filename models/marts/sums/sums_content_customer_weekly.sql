{#-
    One row per customer, content tag and week: insights served with the tag, what became of them, opt-outs after them, and
    all insights served to the customer, whatever their tags.
-#}
with tags as (
    select distinct
        content_id,
        lower(trim(content_tag)) as content_tag
    from (
        select
            content_id,
            {{ json_texts("tags") }} as content_tag
        from {{ ref("fct_content") }}
    ) as tagged_content
),

insights as (
    select
        identifiers.customer_id,
        insights.insight_id,
        insights.content_id,
        {{ week_start("insights.served_date") }} as week_start_date,
        insights.outcome
    from {{ ref("fct_insights") }} as insights
    inner join {{ ref("dim_identifiers") }} as identifiers
        on insights.identifier_key = identifiers.identifier_key
),

opt_outs as (
    select
        last_insight_id as insight_id,
        count(*) as opt_out_count
    from {{ ref("fct_opt_outs") }}
    where
        scope <> 'channel'
        and last_insight_id is not null
    group by last_insight_id
),

customer_weeks as (
    select
        customer_id,
        week_start_date,
        count(*) as all_served_count
    from insights
    group by customer_id, week_start_date
),

tagged as (
    select
        insights.customer_id,
        coalesce(tags.content_tag, 'none') as content_tag,
        insights.week_start_date,
        count(*) as served_count,
        {%- for outcome in ["acted", "dismissed", "ignored"] %}
        count(case when insights.outcome = '{{ outcome }}' then 1 end) as {{ outcome }}_count,
        {%- endfor %}
        cast(sum(coalesce(opt_outs.opt_out_count, 0)) as bigint) as opt_out_count
    from insights
    left join tags
        on insights.content_id = tags.content_id
    left join opt_outs
        on insights.insight_id = opt_outs.insight_id
    group by
        insights.customer_id, coalesce(tags.content_tag, 'none'), insights.week_start_date
),

shown_tags as (
    select distinct
        content_tag,
        week_start_date
    from tagged
),

-- Whoever saw nothing of a tag is part of its share too.
final as (
    select
        {%- for count in ["served", "acted", "dismissed", "ignored", "opt_out"] %}
        coalesce(tagged.{{ count }}_count, 0) as {{ count }}_count,
        {%- endfor %}
        customer_weeks.customer_id,
        shown_tags.content_tag,
        customer_weeks.week_start_date,
        customer_weeks.all_served_count
    from customer_weeks
    inner join shown_tags
        on customer_weeks.week_start_date = shown_tags.week_start_date
    left join tagged
        on
            customer_weeks.customer_id = tagged.customer_id
            and shown_tags.content_tag = tagged.content_tag
            and customer_weeks.week_start_date = tagged.week_start_date
)

select * from final
