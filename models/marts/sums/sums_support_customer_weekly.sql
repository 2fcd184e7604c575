{#- Per customer, feature and week of creation: tickets, those solved and reopened within it. -#}
with tickets as (
    select
        identifiers.customer_id,
        coalesce(tickets.feature_id, 'none') as feature_id,
        {{ week_start("tickets.activity_date") }} as week_start_date,
        {{ in_support_window("tickets.first_solved_at", "tickets.created_at") }} as is_solved,
        {{ in_support_window("tickets.first_reopened_at", "tickets.created_at") }} as is_reopened
    from {{ ref("fct_tickets") }} as tickets
    inner join {{ ref("dim_identifiers") }} as identifiers
        on tickets.identifier_key = identifiers.identifier_key
),

final as (
    select
        customer_id,
        feature_id,
        week_start_date,
        count(*) as ticket_count,
        count(case when is_solved then 1 end) as solved_count,
        count(case when is_solved and is_reopened then 1 end) as reopened_count
    from tickets
    group by all
)

select * from final
