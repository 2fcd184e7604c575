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
        dict(
            month, name="helpful_rate", how="sum", y="helpful_answer", x="answer",
            is_treated_only=true
        ),
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

{# A metric's y, x, c or d of a customer, NULL until its window is over; of what only the treated have, theirs. #}
{% macro mature_deed(metric, deed) -%}
    case
            when
                {{ is_mature(add_days("enrolments.enrolled_date", metric["last_day"] + 1)) }}
                {%- if metric["is_treated_only"] %}
                and enrolments.variation_role <> 'holdout'
                {%- endif %}
                then {{ deed_value(metric, deed) }}
        end
{%- endmacro %}

{# Revenue is cut at the cap, above and below; who closed the account is not retained. #}
{% macro deed_value(metric, deed) -%}
    {%- set value = "coalesce(deeds." ~ deed ~ ", 0)" -%}
    {%- if metric["name"] == "net_revenue_28d" -%}
    case
                    when caps.money_cap is null then {{ value }}
                    else greatest(-caps.money_cap, least(caps.money_cap, {{ value }}))
                end
    {%- elif deed == "y_account_retention" -%}
    case
                    when
                        {{ local_date("customers.closed_at") }}
                        <= {{ add_days("enrolments.enrolled_date", metric["last_day"]) }}
                        then 0
                    else {{ value }}
                end
    {%- else -%}
    {{ value }}
    {%- endif -%}
{%- endmacro %}

{# What those enrolled before anything is read brought before, of which the cap is taken: it is to move no more. #}
{% macro early_money() -%}
    case
                            when
                                enrolments.enrolled_date
                                < {{ add_days(local_date("experiments.started_at"), var("experiment_min_days")) }}
                                then coalesce(deeds.c_net_revenue_28d_raw, 0)
                        end
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
