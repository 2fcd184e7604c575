{#-
    One row per customer reached over both channels of a pair in a week, or over one of them soon after the other: what
    they were told there, and how much of it repeated or contradicted, within hours, what the other channel had said.
-#}
with touches as (
    select
        customer_id,
        touch_id,
        channel,
        offer_id,
        content_id,
        conflict_group,
        touched_at,
        activity_date,
        {{ week_start("activity_date") }} as week_start_date
    from {{ ref("fct_touches") }}
    where
        offer_id is not null
        or content_id is not null
),

{%- set subjects = ["offer_id", "content_id", "conflict_group"] %}

subjects as (
    {%- for subject in subjects %}
    select
        *,
        '{{ subject }}' as subject_type,
        {{ subject }} as subject
    from touches
    where {{ subject }} is not null
    {{ "union all" if not loop.last }}
    {%- endfor %}
),

-- As many days on as hours may lie between: an equality of dates finds the neighbours, and few
-- others.
earlier_subjects as (
    {%- for days in range((var("coordination_hours") / 24) | round(0, "ceil") | int + 1) %}
    select
        *,
        {{ add_days("activity_date", days) }} as heard_on
    from subjects
    {{ "union all" if not loop.last }}
    {%- endfor %}
),

collisions as (
    select
        later.touch_id,
        earlier.channel as other_channel,
        bool_or(later.subject_type <> 'conflict_group') as is_duplicate,
        bool_or(
            later.subject_type = 'conflict_group'
            and later.content_id <> earlier.content_id
            and coalesce(later.offer_id <> earlier.offer_id, true)
        ) as is_contradiction
    from subjects as later
    inner join earlier_subjects as earlier
        on
            later.customer_id = earlier.customer_id
            and later.subject_type = earlier.subject_type
            and later.subject = earlier.subject
            and later.activity_date = earlier.heard_on
            and later.channel <> earlier.channel
            and (
                later.touched_at > earlier.touched_at
                or later.touched_at = earlier.touched_at and later.touch_id > earlier.touch_id
            )
            and {{ microseconds_between("earlier.touched_at", "later.touched_at") }}
            <= cast({{ var("coordination_hours") }} as bigint) * 3600000000
    group by later.touch_id, earlier.channel
),

collided as (
    select
        touches.customer_id,
        touches.week_start_date,
        least(touches.channel, collisions.other_channel) as channel_a,
        greatest(touches.channel, collisions.other_channel) as channel_b,
        count(case when collisions.is_duplicate then 1 end) as duplicate_count,
        count(case when collisions.is_contradiction then 1 end) as contradiction_count
    from touches
    inner join collisions
        on touches.touch_id = collisions.touch_id
    group by all
),

reached as (
    select
        customer_id,
        week_start_date,
        channel,
        count(*) as touch_count
    from touches
    group by customer_id, week_start_date, channel
),

-- What a Monday repeats of a Sunday has nothing of the other channel in its own week.
pairs as (
    select
        first_channel.customer_id,
        first_channel.week_start_date,
        first_channel.channel as channel_a,
        second_channel.channel as channel_b
    from reached as first_channel
    inner join reached as second_channel
        on
            first_channel.customer_id = second_channel.customer_id
            and first_channel.week_start_date = second_channel.week_start_date
            and first_channel.channel < second_channel.channel
    union distinct
    select
        customer_id,
        week_start_date,
        channel_a,
        channel_b
    from collided
),

final as (
    select
        pairs.customer_id,
        pairs.channel_a,
        pairs.channel_b,
        pairs.week_start_date,
        coalesce(first_channel.touch_count, 0) + coalesce(second_channel.touch_count, 0)
            as touch_count,
        coalesce(collided.duplicate_count, 0) as duplicate_count,
        coalesce(collided.contradiction_count, 0) as contradiction_count
    from pairs
    left join reached as first_channel
        on
            pairs.customer_id = first_channel.customer_id
            and pairs.week_start_date = first_channel.week_start_date
            and pairs.channel_a = first_channel.channel
    left join reached as second_channel
        on
            pairs.customer_id = second_channel.customer_id
            and pairs.week_start_date = second_channel.week_start_date
            and pairs.channel_b = second_channel.channel
    left join collided
        on
            pairs.customer_id = collided.customer_id
            and pairs.week_start_date = collided.week_start_date
            and pairs.channel_a = collided.channel_a
            and pairs.channel_b = collided.channel_b
)

select * from final
