{#- What could have been chosen, by the lists that decisions carry: each list is read once. -#}
with lists as (
    select distinct eligible_actions
    from {{ ref("fct_decisions") }}
    where eligible_actions is not null
),

final as (
    select distinct
        md5(eligible_actions) as action_list_key,
        {{ json_texts("eligible_actions") }} as action_id
    from lists
)

select * from final
