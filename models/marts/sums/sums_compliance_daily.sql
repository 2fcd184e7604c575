{#- Served decisions of each day that were judged by each compliance rule, and that broke it. -#}
{%- set rules = compliance_rules() -%}
with days as (
    select
        served_date as activity_date,
        {%- for rule in rules %}
        count(is_{{ rule }}) as {{ rule }}_judged_count,
        count(case when is_{{ rule }} then 1 end) as {{ rule }}_incident_count,
        count(distinct case when is_{{ rule }} then customer_id end)
            as {{ rule }}_incident_customer_count,
        {%- endfor %}
        count(*) as served_count
    from {{ ref("sums_compliance_flags") }}
    group by served_date
),

final as (
    {%- for rule in rules %}
    select
        cast('{{ rule }}' as string) as rule_id,
        activity_date,
        served_count,
        {{ rule }}_judged_count as judged_count,
        {{ rule }}_incident_count as incident_count,
        {{ rule }}_incident_customer_count as incident_customer_count
    from days
    {{ "union all" if not loop.last }}
    {%- endfor %}
)

select * from final
