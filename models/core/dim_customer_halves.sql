{#-
    Everybody in one of two halves: what is found on one is confirmed on the other, and what is fitted on one is used
    on the other. The half follows from the customer's smallest identifier, and not from a running number, so that it
    is the same however the rows were delivered.
-#}
with customer_keys as (
    select
        customer_id,
        md5(min(identifier_key)) as customer_key
    from {{ ref("dim_identifiers") }}
    group by customer_id
),

final as (
    select
        customer_id,
        customer_key,
        case when customer_key < '8' then 'a' else 'b' end as half
    from customer_keys
)

select * from final
