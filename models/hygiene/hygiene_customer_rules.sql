with customers as (
    {{ canonical("customers", ["customer_ref", "email", "is_staff", "is_test"]) }}
),

accounts as (
    {{ canonical("accounts", ["account_id", "is_test"]) }}
),

erasures as (
    select identifier_key
    from {{ ref("identity_erasures") }}
),

test_domains as (
    select email_domain
    from {{ ref("test_email_domains") }}
),

resolved as (
    select
        identifier_key,
        customer_id
    from {{ source("resolver", "identifier_customers") }}
),

flagged_identifiers as (
    select
        {{ identifier_key("customer_ref", "customers.customer_ref") }} as identifier_key,
        'test_customer' as rule_id
    from customers
    where customers.is_staff or customers.is_test
    union all
    select
        {{ identifier_key("customer_ref", "customers.customer_ref") }} as identifier_key,
        'test_email_domain' as rule_id
    from customers
    inner join test_domains
        on lower(trim(customers.email)) like '%@' || test_domains.email_domain
    union all
    select
        {{ identifier_key("account_id", "accounts.account_id") }} as identifier_key,
        'test_account' as rule_id
    from accounts
    where accounts.is_test
    union all
    select
        erasures.identifier_key,
        'erasure_request' as rule_id
    from erasures
),

final as (
    select distinct
        resolved.customer_id,
        flagged_identifiers.rule_id
    from flagged_identifiers
    inner join resolved
        on flagged_identifiers.identifier_key = resolved.identifier_key
)

select * from final
