{#- Customers, identifiers and refusals at the end of each day, by today's map of who is who. -#}
{%- set links = {
    "customer_count": "known_date",
    "wallet_linked_count": "wallet_date",
    "trading_account_linked_count": "account_date",
    "marketing_linked_count": "marketing_date",
    "several_sources_count": "second_source_date",
} -%}
{%- set levels = links.keys() | list + [
    "fully_linked_count",
    "identifier_count",
    "orphan_identifier_count",
] -%}
{%- set flows = [
    "new_identifier_count",
    "conflicting_identifier_count",
    "blocked_edge_count",
    "merge_count",
    "split_count",
] -%}
with customers as (
    select *
    from {{ ref("sums_identity_customers") }}
),

identifiers as (
    select
        identifiers.identifier_key,
        {{ local_date("identifiers.first_seen_at") }} as first_seen_date,
        customers.known_date
    from {{ ref("dim_identifiers") }} as identifiers
    inner join {{ ref("dim_customers") }} as everybody
        on identifiers.customer_id = everybody.customer_id
    left join customers
        on identifiers.customer_id = customers.customer_id
    where
        identifiers.first_seen_at is not null
        and not everybody.is_test
        and not everybody.is_erased
),

refusals as (
    select
        identifier_key,
        {{ local_date("first_seen_at") }} as first_seen_date
    from {{ ref("fct_identity_refusals") }}
    where first_seen_at is not null
),

conflicting as (
    select distinct identifier_key
    from refusals
),

changes as (
    select
        {{ local_date("changed_at") }} as changed_date,
        change_type
    from {{ ref("fct_identity_changes") }}
),

events as (
    {%- for column, date_column in links.items() %}
    select
        {{ date_column }} as activity_date,
        '{{ column }}' as measure,
        1 as change
    from customers
    where {{ date_column }} is not null
    union all
    {%- endfor %}
    select
        greatest(wallet_date, account_date, marketing_date) as activity_date,
        'fully_linked_count' as measure,
        1 as change
    from customers
    where
        wallet_date is not null
        and account_date is not null
        and marketing_date is not null
    union all
    select
        first_seen_date as activity_date,
        'identifier_count' as measure,
        1 as change
    from identifiers
    union all
    select
        first_seen_date as activity_date,
        'new_identifier_count' as measure,
        1 as change
    from identifiers
    union all
    select
        identifiers.first_seen_date as activity_date,
        'conflicting_identifier_count' as measure,
        1 as change
    from identifiers
    inner join conflicting
        on identifiers.identifier_key = conflicting.identifier_key
    union all
    -- Nobody's until its customer is known by more than a device.
    select
        first_seen_date as activity_date,
        'orphan_identifier_count' as measure,
        1 as change
    from identifiers
    where
        known_date is null
        or first_seen_date < known_date
    union all
    select
        known_date as activity_date,
        'orphan_identifier_count' as measure,
        -1 as change
    from identifiers
    where first_seen_date < known_date
    union all
    select
        first_seen_date as activity_date,
        'blocked_edge_count' as measure,
        1 as change
    from refusals
    union all
    select
        changed_date as activity_date,
        change_type || '_count' as measure,
        1 as change
    from changes
    where change_type in ('merge', 'split')
),

marks as (
    select
        'all' as scope,
        {%- for column in levels + flows %}
        case when measure = '{{ column }}' then change else 0 end as {{ column }},
        {%- endfor %}
        activity_date
    from events
),

{{ levels_by_day("marks", ["scope"], levels, flows) }}

select * from final
