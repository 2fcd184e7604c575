{#-
    Per theme, feature and day: tickets, and customers to whom the feature was shown in the days up to it. `none` has
    the tickets that name no feature, over customers shown any.
-#}
with shown_days as (
    select distinct
        identifiers.customer_id,
        events.feature_id,
        events.activity_date
    from {{ ref("fct_feature_events") }} as events
    inner join {{ ref("dim_identifiers") }} as identifiers
        on events.identifier_key = identifiers.identifier_key
),

shown_features as (
    select * from shown_days
    union distinct
    select
        customer_id,
        cast('none' as string) as feature_id,
        activity_date
    from shown_days
),

neighbours as (
    select
        feature_id,
        activity_date,
        lag(activity_date) over customer_days as previous_date,
        lead(activity_date) over customer_days as next_date
    from shown_features
    window customer_days as (
        partition by customer_id, feature_id
        order by activity_date asc
    )
),

-- A customer counts from the first day to so many days after the last, however often between.
exposure_marks as (
    select
        feature_id,
        activity_date,
        1 as exposed_count
    from neighbours
    where
        previous_date is null
        or {{ add_days("previous_date", var("support_exposure_days")) }} < activity_date
    union all
    select
        feature_id,
        {{ add_days("activity_date", var("support_exposure_days")) }} as activity_date,
        -1 as exposed_count
    from neighbours
    where
        next_date is null
        or {{ add_days("activity_date", var("support_exposure_days")) }} < next_date
),

exposures as (
    select
        feature_id,
        activity_date,
        sum(exposed_count) as exposed_count
    from exposure_marks
    group by feature_id, activity_date
),

themes as (
    select distinct theme
    from {{ ref("theme_rules") }}
    union distinct
    select cast('other' as string) as theme
),

tickets as (
    select
        themes.theme,
        coalesce(tickets.feature_id, 'none') as feature_id,
        tickets.activity_date,
        count(*) as ticket_count,
        count(distinct identifiers.customer_id) as customer_count
    from {{ ref("fct_tickets") }} as tickets
    inner join {{ ref("dim_identifiers") }} as identifiers
        on tickets.identifier_key = identifiers.identifier_key
    inner join {{ ref("fct_ticket_themes") }} as themes
        on
            tickets.source_name = themes.source_name
            and tickets.ticket_id = themes.ticket_id
    group by all
),

marks as (
    select
        themes.theme,
        exposures.feature_id,
        exposures.activity_date,
        exposures.exposed_count,
        0 as ticket_count,
        0 as customer_count
    from exposures
    cross join themes
    union all
    select
        theme,
        feature_id,
        activity_date,
        0 as exposed_count,
        ticket_count,
        customer_count
    from tickets
),

{{ levels_by_day(
    "marks", ["theme", "feature_id"], ["exposed_count"], ["ticket_count", "customer_count"]
) }}

select * from final
