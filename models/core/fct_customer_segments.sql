{#-
    Which segments a customer belonged to, and when: what was true at a moment, not what is true today. The regime of
    the market is the same for everybody and lies in dim_market_days; `by_segment` joins both.
-#}
with customer_versions as (
    select
        identifiers.customer_id,
        coalesce(versions.valid_from, versions.event_at) as valid_from,
        versions.lifecycle_stage,
        versions.risk_segment
    from {{ ref("fct_customer_versions") }} as versions
    inner join {{ ref("dim_identifiers") }} as identifiers
        on versions.identifier_key = identifiers.identifier_key
    qualify
        row_number() over (
            partition by
                identifiers.customer_id, coalesce(versions.valid_from, versions.event_at)
            order by versions.event_at desc, versions.identifier_key asc, versions.row_id desc
        ) = 1
),

customers as (
    select distinct customer_id
    from {{ ref("dim_identifiers") }}
),

states as (
    {%- for segment_type in ["lifecycle_stage", "risk_segment"] %}
    select
        customer_id,
        cast('{{ segment_type }}' as string) as segment_type,
        cast('unknown' as string) as segment_value,
        {{ beginning_of_time() }} as valid_from
    from customers
    union all
    select
        customer_id,
        cast('{{ segment_type }}' as string) as segment_type,
        coalesce({{ segment_type }}, 'unknown') as segment_value,
        valid_from
    from customer_versions
    {{ "union all" if not loop.last }}
    {%- endfor %}
),

changes as (
    select *
    from states
    qualify
        lag(segment_value) over (
            partition by customer_id, segment_type
            order by valid_from asc
        ) is distinct from segment_value
),

attributes as (
    select
        customer_id,
        segment_type,
        segment_value,
        valid_from,
        lead(valid_from) over (
            partition by customer_id, segment_type
            order by valid_from asc
        ) as valid_to
    from changes
),

holdings as (
    select
        identifiers.customer_id,
        holdings.product_line,
        holdings.valid_from,
        holdings.valid_to,
        max(coalesce(holdings.valid_to, {{ end_of_time() }})) over (
            partition by identifiers.customer_id, holdings.product_line
            order by holdings.valid_from asc, holdings.row_id asc
            rows between unbounded preceding and 1 preceding
        ) as held_until
    from {{ ref("fct_holdings") }} as holdings
    inner join {{ ref("dim_identifiers") }} as identifiers
        on holdings.identifier_key = identifiers.identifier_key
),

-- Two records of one person may hold the same product: it is held from the first to the last of
-- them.
holding_spells as (
    select
        *,
        sum(case when held_until >= valid_from then 0 else 1 end) over (
            partition by customer_id, product_line
            order by valid_from asc, held_until asc nulls first
            rows between unbounded preceding and current row
        ) as spell_number
    from holdings
),

products as (
    select
        customer_id,
        product_line,
        min(valid_from) as valid_from,
        max(coalesce(valid_to, {{ end_of_time() }})) as last_valid_to
    from holding_spells
    group by customer_id, product_line, spell_number
),

final as (
    select
        customer_id,
        cast('all' as string) as segment_type,
        cast('all' as string) as segment_value,
        {{ beginning_of_time() }} as valid_from,
        cast(null as timestamp) as valid_to
    from customers
    union all
    select
        customer_id,
        segment_type,
        segment_value,
        valid_from,
        valid_to
    from attributes
    union all
    select
        customer_id,
        cast('product_line' as string) as segment_type,
        product_line as segment_value,
        valid_from,
        nullif(last_valid_to, {{ end_of_time() }}) as valid_to
    from products
)

select * from final
