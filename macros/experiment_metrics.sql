{#
    What experiments measure of each customer, in days after the enrolment (day 0); seed experiment_metrics says how it
    is judged. `y` over `x` where the metric is a ratio of sums over customers; else x is one a customer. `how` is sum
    or any; `prior_days` is how long before the enrolment the customer's own twin of the metric is taken.
#}
{% macro experiment_metrics() %}
    {%- set month = {"first_day": 0, "last_day": 27, "prior_days": 28} -%}
    {%- set week = {"first_day": 0, "last_day": 6, "prior_days": 28} -%}
    {%- set money = {"how": "sum", "y": "net_revenue"} -%}
    {%- set opt_out = {"how": "any", "y": "opt_out"} -%}
    {%- set conversion = {"how": "any", "y": "conversion"} -%}
    {{ return([
        dict(month, name="savings_rate", how="sum", y="saved", x="inflow"),
        {
            "name": "account_retention", "how": "any", "y": "session",
            "first_day": 22, "last_day": 28, "prior_days": 7
        },
        dict(month, name="any_opt_out_rate_28d", **opt_out),
        dict(week, name="any_opt_out_rate_7d", **opt_out),
        dict(month, name="conversion_rate_28d", **conversion),
        dict(week, name="conversion_rate_7d", **conversion),
        dict(month, name="net_revenue_28d", **money),
        dict(month, name="net_revenue_28d_raw", **money),
        {
            "name": "retention_180d", "how": "any", "y": "active",
            "first_day": 174, "last_day": 180, "prior_days": 7
        },
        dict(month, name="csat_positive_rate", how="sum", y="positive_score", x="score"),
        dict(month, name="helpful_rate", how="sum", y="helpful_answer", x="answer"),
        dict(month, name="click_through_rate", how="sum", y="click", x="delivery"),
        dict(month, name="interaction_count_28d", how="sum", y="interaction"),
    ]) }}
{% endmacro %}

{# What a customer did of a measure from one day after the enrolment to another: of what, 0 where they did nothing. #}
{% macro act_between(measure, how, first_day, last_day) -%}
    {%- set amount -%}
    case when measure = '{{ measure }}' and age_days between {{ first_day }} and {{ last_day }} then amount else 0 end
    {%- endset -%}
    {%- if how == "any" -%}
    case when max({{ amount }}) > 0 then 1 else 0 end
    {%- else -%}
    cast(sum({{ amount }}) as decimal(18, 2))
    {%- endif -%}
{%- endmacro %}

{# Rows of a relation as acts of customers, after other such rows. #}
{% macro acts_of(relation, measure, amount, condition="true", feature_id="'none'") -%}
    union all
    select
        customer_id,
        activity_date,
        cast({{ feature_id }} as string) as feature_id,
        cast('{{ measure }}' as string) as measure,
        cast({{ amount }} as decimal(18, 2)) as amount
    from {{ relation }}
    where {{ condition }}
{%- endmacro %}

{# More than anybody brings. #}
{% macro most_money() %}cast(999999999999.99 as decimal(18, 2)){% endmacro %}

{# Each metric's y, x, c and d as far as its window is over; money cut at the cap of the experiment. #}
{% macro mature_deeds(metrics) -%}
    {%- for metric in metrics %}
    {%- for letter in (["y", "x", "c", "d"] if metric["x"] else ["y", "c"]) %}
    {%- set deed = letter ~ "_" ~ metric["name"] %}
        case
            when {{ is_mature(add_days("enrolments.enrolled_date", metric["last_day"] + 1)) }}
                then
                {%- if metric["name"] == "net_revenue_28d" %}
                    greatest(
                        -coalesce(caps.money_cap, {{ most_money() }}),
                        least(
                            coalesce(caps.money_cap, {{ most_money() }}),
                            coalesce(deeds.{{ deed }}, 0)
                        )
                    )
                {%- elif deed == "y_account_retention" %}
                    case
                        when
                            customers.closed_at is null
                            or {{ local_date("customers.closed_at") }}
                            > {{ add_days("enrolments.enrolled_date", metric["last_day"]) }}
                            then coalesce(deeds.{{ deed }}, 0)
                        else 0
                    end
                {%- else %}
                    coalesce(deeds.{{ deed }}, 0)
                {%- endif %}
        end as {{ deed }},
    {%- endfor %}
    {%- endfor %}
{%- endmacro %}
