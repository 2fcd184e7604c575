with days as (
    select
        *,
        {{ is_mature(add_days("activity_date", 1)) }} as is_mature,
        sum(conflicting_identifier_count) over last_30_days as conflicting_30d_count,
        sum(new_identifier_count) over last_30_days as new_30d_count
    from {{ ref("sums_identity_daily") }}
    window
        last_30_days as (
            order by activity_date asc
            rows between 29 preceding and current row
        )
),

sizes as (
    select *
    from {{ ref("sums_identity_sizes") }}
),

data_through as (
    {{ data_through(["events", "customers", "accounts", "contacts", "kyc_events"]) }}
),

degraded as (
    {{ degraded_days([
        "customers", "accounts", "contacts", "kyc_events", "account_wallets", "wallet_sign_ins",
        "identity_merges",
    ]) }}
),

final as (
    select
        days.activity_date,
        days.customer_count,
        {{ rate_columns(
            "wallet_linked_rate",
            "days.wallet_linked_count",
            "days.customer_count",
            "days.is_mature",
        ) }},
        {{ rate_columns(
            "trading_account_linked_rate",
            "days.trading_account_linked_count",
            "days.customer_count",
            "days.is_mature",
        ) }},
        {{ rate_columns(
            "marketing_linked_rate",
            "days.marketing_linked_count",
            "days.customer_count",
            "days.is_mature",
        ) }},
        {{ rate_columns(
            "fully_linked_rate",
            "days.fully_linked_count",
            "days.customer_count",
            "days.is_mature",
        ) }},
        {{ rate_columns(
            "several_sources_rate",
            "days.several_sources_count",
            "days.customer_count",
            "days.is_mature",
        ) }},
        days.identifier_count,
        days.orphan_identifier_count,
        {{ rate_columns(
            "conflicting_identifier_rate",
            "days.conflicting_30d_count",
            "days.new_30d_count",
            "days.is_mature",
        ) }},
        sizes.largest_cluster_size,
        sizes.cluster_size_p99,
        days.merge_count,
        days.split_count,
        days.blocked_edge_count,
        days.is_mature,
        data_through.data_through_date,
        case when degraded.activity_date is null then 'ok' else 'degraded' end as data_quality
    from days
    left join sizes
        on days.activity_date = sizes.activity_date
    left join degraded
        on days.activity_date = degraded.activity_date
    cross join data_through
)

select * from final
