{#-
    How long each assigned customer waited for the first goal reached after the assignment, whether they had a goal or
    not: to start one is already an effect. Who has reached none is only known until the end of the data.
-#}
{%- set last_day = add_days(as_of_date(), 0 - var("allowed_lateness_days") - 1) -%}
with customers as (
    select
        customer_id,
        experiment_id,
        feature_id,
        variation_id,
        variation_role,
        assigned_at,
        {{ local_date("assigned_at") }} as assigned_date
    from {{ ref("fct_experiment_customers") }}
    where {{ local_date("assigned_at") }} <= {{ last_day }}
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
        customers.customer_id,
        customers.experiment_id,
        min(reached_goals.reached_at) as reached_at
    from customers
    inner join reached_goals
        on
            customers.customer_id = reached_goals.customer_id
            and customers.assigned_at <= reached_goals.reached_at
    group by customers.customer_id, customers.experiment_id
),

final as (
    select
        customers.customer_id,
        customers.experiment_id,
        customers.feature_id,
        customers.variation_id,
        customers.variation_role,
        first_reached.reached_at is not null as is_event,
        {{ days_between(
            "customers.assigned_date",
            "coalesce(" ~ local_date("first_reached.reached_at") ~ ", " ~ last_day ~ ")"
        ) }} as duration_days
    from customers
    left join first_reached
        on
            customers.customer_id = first_reached.customer_id
            and customers.experiment_id = first_reached.experiment_id
)

select * from final
