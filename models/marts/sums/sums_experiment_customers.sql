{#-
    What each enrolled customer did: every metric's y and x, its twins c and d from before the enrolment, NULL until the
    metric's window and the time for late rows are over. Customers seen in two variations are left out. What the primary
    metric was before is known at the enrolment.
-#}
{%- set metrics = experiment_metrics() -%}
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
    where not is_mixed
),

acts as (
    select
        enrolments.experiment_id,
        enrolments.customer_id,
        acts.measure,
        acts.amount,
        {{ days_between("enrolments.enrolled_date", "acts.activity_date") }} as age_days
    from {{ ref("sums_customer_acts") }} as acts
    inner join enrolments
        on
            acts.customer_id = enrolments.customer_id
            and (acts.feature_id = 'none' or acts.feature_id = enrolments.feature_id)
            and acts.activity_date >= {{ add_days("enrolments.enrolled_date", -28) }}
            -- Half a year later only whether they are there is looked at.
            and (
                acts.activity_date <= {{ add_days("enrolments.enrolled_date", 28) }}
                or (
                    acts.measure = 'active'
                    and acts.activity_date <= {{ add_days("enrolments.enrolled_date", 180) }}
                )
            )
),

deeds as (
    select
        experiment_id,
        customer_id,
        {%- for metric in metrics %}
        {%- for letter, measure in [("y", metric["y"]), ("x", metric["x"])] if measure %}
        {{ act_between(measure, metric["how"], metric["first_day"], metric["last_day"]) }}
            as {{ letter }}_{{ metric["name"] }},
        {{ act_between(measure, metric["how"], -metric["prior_days"], -1) }}
            as {{ "c" if letter == "y" else "d" }}_{{ metric["name"] }},
        {%- endfor %}
        {%- endfor %}
        -- Who is enrolled by an exposure has one on day 0: the weeks begin after it.
        {{ act_between("interaction", "sum", 1, 7) }} as first_week_interactions,
        {{ act_between("interaction", "sum", 15, 28) }} as later_interactions
    from acts
    group by experiment_id, customer_id
),

-- A cap of all customers would move with each run: it is that of those who came first, before
-- anything is read. Where none of them brought anything before, no cap can be known.
caps as (
    select
        enrolments.experiment_id,
        max(experiments.primary_metric) as primary_metric,
        cast(
            coalesce(
                max(experiments.money_cap),
                nullif(
                    {{ percentile_over(early_money(), 0.995) }}, 0
                )
            ) as decimal(18, 2)
        ) as money_cap
    from enrolments
    inner join {{ ref("dim_experiments") }} as experiments
        on enrolments.experiment_id = experiments.experiment_id
    left join deeds
        on
            enrolments.experiment_id = deeds.experiment_id
            and enrolments.customer_id = deeds.customer_id
    group by enrolments.experiment_id
),

risks as (
    select
        enrolments.experiment_id,
        enrolments.customer_id,
        {{ risk_rank("segments.segment_value") }} as risk_rank
    from enrolments
    inner join {{ ref("fct_customer_segments") }} as segments
        on
            enrolments.customer_id = segments.customer_id
            and segments.segment_type = 'risk_segment'
            and {{ holds_at("segments", "enrolments.enrolled_at") }}
),

final as (
    select
        enrolments.experiment_id,
        enrolments.customer_id,
        enrolments.feature_id,
        enrolments.variation_id,
        enrolments.variation_role,
        enrolments.enrolled_at,
        enrolments.enrolled_date,
        caps.money_cap,
        risks.risk_rank,
        {{ days_between(local_date("customers.signed_up_at"), "enrolments.enrolled_date") }}
            as tenure_days,
        case caps.primary_metric
            {%- for metric in metrics if not metric["is_treated_only"] %}
            when '{{ metric["name"] }}' then {{ deed_value(metric, "c_" ~ metric["name"]) }}
            {%- endfor %}
            else coalesce(deeds.c_account_retention, 0)
        end as outcome_before,
        {%- for metric in metrics %}
        {%- for letter in (["y", "x", "c", "d"] if metric["x"] else ["y", "c"]) %}
        {{ mature_deed(metric, letter ~ "_" ~ metric["name"]) }}
            as {{ letter }}_{{ metric["name"] }},
        {%- endfor %}
        {%- endfor %}
        case
            when {{ is_mature(add_days("enrolments.enrolled_date", 29)) }}
                then coalesce(deeds.first_week_interactions, 0)
        end as first_week_interactions,
        case
            when {{ is_mature(add_days("enrolments.enrolled_date", 29)) }}
                then coalesce(deeds.later_interactions, 0)
        end as later_interactions
    from enrolments
    inner join caps
        on enrolments.experiment_id = caps.experiment_id
    left join {{ ref("dim_customers") }} as customers
        on enrolments.customer_id = customers.customer_id
    left join risks
        on
            enrolments.experiment_id = risks.experiment_id
            and enrolments.customer_id = risks.customer_id
    left join deeds
        on
            enrolments.experiment_id = deeds.experiment_id
            and enrolments.customer_id = deeds.customer_id
)

select * from final
