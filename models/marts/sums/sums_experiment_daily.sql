{#-
    Sums and sums of products over customers, by metric, variation, day of enrolment and segment: all metrics in one
    pass over the customers. Sums of days add up to those of weeks, and from them `inference` makes every figure.
-#}
{%- set metrics = experiment_metrics() -%}
{%- set key -%}
experiment_id, feature_id, variation_id, variation_role, enrolled_date, segment_type, segment_value
{%- endset -%}
with enrolments as (
    select
        experiment_id,
        customer_id,
        enrolled_at
    from {{ ref("sums_experiment_customers") }}
),

memberships as (
    {{ by_segment("enrolments", "enrolled_at") }}
),

days as (
    select
        customers.experiment_id,
        customers.feature_id,
        customers.variation_id,
        customers.variation_role,
        customers.enrolled_date,
        memberships.segment_type,
        memberships.segment_value,
        {%- for metric in metrics %}
        {{ deed_sums(metric) }}{{ "," if not loop.last }}
        {%- endfor %}
    from {{ ref("sums_experiment_customers") }} as customers
    inner join memberships
        on
            customers.experiment_id = memberships.experiment_id
            and customers.customer_id = memberships.customer_id
    group by
        customers.experiment_id,
        customers.feature_id,
        customers.variation_id,
        customers.variation_role,
        customers.enrolled_date,
        memberships.segment_type,
        memberships.segment_value
),

final as (
    {%- for metric in metrics %}
    select
        {{ key }},
        cast('{{ metric["name"] }}' as string) as metric_name,
        {{ metric_sums(metric) }}
    from days
    where n_{{ metric["name"] }} > 0
    {%- if metric["name"] == "helpful_rate" %}
    -- Who was not treated was asked nothing.
    and variation_role = 'treatment'
    {%- endif %}
    {{ "union all" if not loop.last }}
    {%- endfor %}
)

select * from final
