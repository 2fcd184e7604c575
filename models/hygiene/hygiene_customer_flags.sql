with rules as (
    select
        customer_id,
        rule_id
    from {{ ref("hygiene_customer_rules") }}
    union all
    select
        customer_id,
        rule_id
    from {{ ref("hygiene_test_devices") }}
),

enforced_rules as (
    select
        rule_id,
        reason
    from {{ ref("hygiene_rules") }}
    where mode = 'enforced'
),

final as (
    select
        rules.customer_id,
        bool_or(enforced_rules.reason = 'test') as is_test,
        bool_or(enforced_rules.reason = 'erased') as is_erased
    from rules
    inner join enforced_rules
        on rules.rule_id = enforced_rules.rule_id
    group by rules.customer_id
)

select * from final
