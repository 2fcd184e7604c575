{#- One row per customer and week: decisions served, and what the customer said to them. -#}
with served as (
    select
        identifiers.customer_id,
        {{ week_start(local_date("decisions.served_at")) }} as week_start_date,
        lower(decisions.customer_response) as customer_response,
        coalesce(decisions.is_auto_applied, false) as is_auto_applied
    from {{ ref("fct_decisions") }} as decisions
    inner join {{ ref("dim_identifiers") }} as identifiers
        on decisions.identifier_key = identifiers.identifier_key
    where decisions.served_at is not null
),

final as (
    select
        customer_id,
        week_start_date,
        count(*) as served_count,
        count(case when customer_response = 'accepted' then 1 end) as accepted_count,
        count(case when customer_response = 'overridden' then 1 end) as overridden_count,
        count(case when is_auto_applied then 1 end) as auto_applied_count
    from served
    group by customer_id, week_start_date
)

select * from final
