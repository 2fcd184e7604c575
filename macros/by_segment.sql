{#
    The rows of a relation once for each segment the customer was in at the row's moment, `all` included: the columns
    `segment_type` and `segment_value` come after its own.

    relation: any with `customer_id` and the column named by `moment`, a UTC timestamp.
#}
{% macro by_segment(relation, moment) -%}
    select
        facts.*,
        segments.segment_type,
        segments.segment_value
    from {{ relation }} as facts
    inner join {{ ref("fct_customer_segments") }} as segments
        on
            facts.customer_id = segments.customer_id
            and facts.{{ moment }} >= segments.valid_from
            and (facts.{{ moment }} < segments.valid_to or segments.valid_to is null)
    union all
    select
        facts.*,
        cast('market_regime' as string) as segment_type,
        market_days.market_regime as segment_value
    from {{ relation }} as facts
    inner join {{ ref("dim_market_days") }} as market_days
        on {{ local_date("facts." ~ moment) }} = market_days.activity_date
{%- endmacro %}
