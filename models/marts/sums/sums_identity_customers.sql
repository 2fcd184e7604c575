{#-
    Per customer known by more than a device: since when, and since when by which kind of identifier. Who tests and who
    was erased is no customer here.
-#}
with types as (
    select
        identifier_type,
        tier,
        identifier_type in ('contact_id', 'profile_id', 'advertising_id') as is_marketing
    from {{ ref("identifier_types") }}
),

customers as (
    select customer_id
    from {{ ref("dim_customers") }}
    where
        not is_test
        and not is_erased
),

identifiers as (
    select
        identifiers.identifier_key,
        identifiers.customer_id,
        identifiers.identifier_type,
        types.tier,
        types.is_marketing,
        {{ local_date("identifiers.first_seen_at") }} as first_seen_date
    from {{ ref("dim_identifiers") }} as identifiers
    inner join customers
        on identifiers.customer_id = customers.customer_id
    inner join types
        on identifiers.identifier_type = types.identifier_type
    where identifiers.first_seen_at is not null
),

kinds as (
    select
        customer_id,
        min(case when tier in ('strong', 'medium') then first_seen_date end) as known_date,
        min(case when identifier_type = 'wallet' then first_seen_date end) as wallet_date,
        min(case when identifier_type = 'account_id' then first_seen_date end) as account_date,
        min(case when is_marketing then first_seen_date end) as marketing_date
    from identifiers
    group by customer_id
),

sources as (
    select
        identifiers.customer_id,
        sources.source_name,
        min({{ local_date("sources.first_seen_at") }}) as first_seen_date
    from {{ ref("fct_identifier_sources") }} as sources
    inner join identifiers
        on sources.identifier_key = identifiers.identifier_key
    group by identifiers.customer_id, sources.source_name
),

second_sources as (
    select
        customer_id,
        first_seen_date as second_source_date
    from sources
    qualify
        row_number() over (
            partition by customer_id
            order by first_seen_date asc, source_name asc
        ) = 2
),

-- Before somebody is known there is nobody to link to.
final as (
    select
        kinds.customer_id,
        kinds.known_date,
        case
            when kinds.wallet_date is not null
                then greatest(kinds.known_date, kinds.wallet_date)
        end as wallet_date,
        case
            when kinds.account_date is not null
                then greatest(kinds.known_date, kinds.account_date)
        end as account_date,
        case
            when kinds.marketing_date is not null
                then greatest(kinds.known_date, kinds.marketing_date)
        end as marketing_date,
        case
            when second_sources.second_source_date is not null
                then greatest(kinds.known_date, second_sources.second_source_date)
        end as second_source_date
    from kinds
    left join second_sources
        on kinds.customer_id = second_sources.customer_id
    where kinds.known_date is not null
)

select * from final
