{#-
    How long enrolled customers waited for the first goal reached after the enrolment, by day of enrolment: how many
    were last seen waiting after so many days, and how many of those had reached it. From days of enrolment follows what
    was known on any earlier day.
-#}
{%- set last_day = add_days(as_of_date(), 0 - var("allowed_lateness_days") - 1) -%}
with enrolments as (
    select
        customer_id,
        experiment_id,
        feature_id,
        variation_id,
        variation_role,
        enrolled_at,
        enrolled_date
    from {{ ref("fct_enrolments") }}
    where
        not is_mixed
        and enrolled_date <= {{ last_day }}
),

reached_goals as (
    select
        identifiers.customer_id,
        goals.reached_at
    from {{ ref("fct_goals") }} as goals
    inner join {{ ref("dim_identifiers") }} as identifiers
        on goals.identifier_key = identifiers.identifier_key
    where {{ local_date("goals.reached_at") }} <= {{ last_day }}
),

first_reached as (
    select
        enrolments.customer_id,
        enrolments.experiment_id,
        min({{ local_date("reached_goals.reached_at") }}) as reached_date
    from enrolments
    inner join reached_goals
        on
            enrolments.customer_id = reached_goals.customer_id
            and enrolments.enrolled_at <= reached_goals.reached_at
    group by enrolments.customer_id, enrolments.experiment_id
),

waits as (
    select
        enrolments.*,
        first_reached.reached_date is not null as is_event,
        {{ days_between(
            "enrolments.enrolled_date", "coalesce(first_reached.reached_date, " ~ last_day ~ ")"
        ) }} as duration_days
    from enrolments
    left join first_reached
        on
            enrolments.customer_id = first_reached.customer_id
            and enrolments.experiment_id = first_reached.experiment_id
),

segmented as (
    {{ by_segment("waits", "enrolled_at") }}
),

final as (
    select
        experiment_id,
        feature_id,
        variation_id,
        variation_role,
        enrolled_date,
        segment_type,
        segment_value,
        duration_days,
        count(*) as exit_count,
        count(case when is_event then 1 end) as event_count
    from segmented
    group by
        experiment_id,
        feature_id,
        variation_id,
        variation_role,
        enrolled_date,
        segment_type,
        segment_value,
        duration_days
)

select * from final
