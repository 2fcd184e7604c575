{#- Identifiers per customer at the end of each day: the most, and what 99 of 100 do not exceed. -#}
with identifiers as (
    select
        identifiers.customer_id,
        identifiers.identifier_key,
        {{ local_date("identifiers.first_seen_at") }} as first_seen_date
    from {{ ref("dim_identifiers") }} as identifiers
    inner join {{ ref("sums_identity_customers") }} as customers
        on identifiers.customer_id = customers.customer_id
    where identifiers.first_seen_at is not null
),

-- The n-th identifier takes its customer from n - 1 to n.
growth as (
    select
        first_seen_date,
        row_number() over (
            partition by customer_id
            order by first_seen_date asc, identifier_key asc
        ) as cluster_size
    from identifiers
),

changes as (
    select
        first_seen_date,
        cluster_size,
        cast(count(*) as bigint) as change
    from growth
    group by first_seen_date, cluster_size
    union all
    select
        first_seen_date,
        cluster_size - 1 as cluster_size,
        -cast(count(*) as bigint) as change
    from growth
    where cluster_size > 1
    group by first_seen_date, cluster_size
),

changes_by_size as (
    select
        first_seen_date,
        cluster_size,
        sum(change) as change
    from changes
    group by first_seen_date, cluster_size
),

sizes as (
    select distinct cluster_size
    from changes
),

days as (
    select activity_date
    from {{ ref("sums_identity_daily") }}
),

counted as (
    select
        days.activity_date,
        sizes.cluster_size,
        sum(coalesce(changes_by_size.change, 0)) over (
            partition by sizes.cluster_size
            order by days.activity_date asc
            rows between unbounded preceding and current row
        ) as customer_count
    from days
    cross join sizes
    left join changes_by_size
        on
            days.activity_date = changes_by_size.first_seen_date
            and sizes.cluster_size = changes_by_size.cluster_size
),

ranked as (
    select
        activity_date,
        cluster_size,
        customer_count,
        sum(customer_count) over (
            partition by activity_date
            order by cluster_size asc
            rows between unbounded preceding and current row
        ) as count_up_to_size,
        sum(customer_count) over (partition by activity_date) as total_count
    from counted
),

final as (
    select
        activity_date,
        cast(max(case when customer_count > 0 then cluster_size end) as bigint)
            as largest_cluster_size,
        cast(
            min(case when count_up_to_size * 100 >= total_count * 99 then cluster_size end)
            as bigint
        ) as cluster_size_p99
    from ranked
    where total_count > 0
    group by activity_date
)

select * from final
