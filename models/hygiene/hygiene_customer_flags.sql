with customers as (
    {{ canonical("customers", ["customer_ref", "email", "is_staff", "is_test"]) }}
),

accounts as (
    {{ canonical("accounts", ["account_id", "is_test"]) }}
),

erasures as (
    {{ canonical("erasures", ["identifier_type", "identifier_value"]) }}
),

test_domains as (
    select email_domain
    from {{ ref("test_email_domains") }}
),

flagged_identifiers as (
    select
        {{ identifier_key("customer_ref", "customers.customer_ref") }} as identifier_key,
        true as is_test,
        false as is_erased
    from customers
    where customers.is_staff or customers.is_test
    union all
    select
        {{ identifier_key("customer_ref", "customers.customer_ref") }} as identifier_key,
        true as is_test,
        false as is_erased
    from customers
    inner join test_domains
        on lower(customers.email) like '%@' || test_domains.email_domain
    union all
    select
        {{ identifier_key("account_id", "accounts.account_id") }} as identifier_key,
        true as is_test,
        false as is_erased
    from accounts
    where accounts.is_test
    union all
    select
        md5(erasures.identifier_type || ':' || erasures.identifier_value) as identifier_key,
        false as is_test,
        true as is_erased
    from erasures
),

final as (
    select
        resolved.customer_id,
        bool_or(flagged_identifiers.is_test) as is_test,
        bool_or(flagged_identifiers.is_erased) as is_erased
    from flagged_identifiers
    inner join {{ source("resolver", "identifier_customers") }} as resolved
        on flagged_identifiers.identifier_key = resolved.identifier_key
    group by resolved.customer_id
)

select * from final
