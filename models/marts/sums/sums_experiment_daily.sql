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
        {%- for metric in metrics %}
        count(customers.y_{{ metric["name"] }}) as n_{{ metric["name"] }},
        {%- for letters in kept_sums(metric) %}
        sum({{ deed_product(metric, letters) }}) as {{ letters }}_{{ metric["name"] }},
        {%- endfor %}
        {%- endfor %}
        memberships.segment_type,
        memberships.segment_value
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
        {%- for letters in all_sums() %}
        {{ metric_sum(metric, letters) }} as sum_{{ letters }},
        {%- endfor %}
        cast(n_{{ metric["name"] }} as bigint) as customer_count
    from days
    where n_{{ metric["name"] }} > 0
    {{ "union all" if not loop.last }}
    {%- endfor %}
)

select * from final
