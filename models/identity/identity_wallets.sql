{#- Only a link that holds and a verified signature say whose a wallet is; others mention it. -#}
with links as (
    {{ canonical("account_wallets", [
        "account_id", "wallet", "unlinked_at", "event_at", "received_at", "row_id",
    ]) }}
),

sign_ins as (
    {{ canonical("wallet_sign_ins", [
        "customer_ref", "account_id", "wallet", "is_verified", "received_at",
    ]) }}
),

normalised_links as (
    select
        {{ normalised_identifier("account_id", "account_id") }} as account_id,
        {{ normalised_identifier("wallet", "wallet") }} as wallet,
        source_name,
        unlinked_at,
        event_at,
        received_at,
        row_id
    from links
),

-- Whatever system says so: the latest version of a link is the one that holds.
current_links as (
    select
        account_id,
        wallet,
        source_name,
        unlinked_at is null as is_proven,
        min(received_at) over (partition by account_id, wallet) as first_seen_at
    from normalised_links
    qualify
        row_number() over (
            partition by account_id, wallet
            order by event_at desc, received_at desc, row_id desc
        ) = 1
),

final as (
    select
        cast(null as string) as customer_ref,
        account_id,
        wallet,
        source_name,
        is_proven,
        first_seen_at
    from current_links
    union all
    select
        {{ normalised_identifier("customer_ref", "customer_ref") }} as customer_ref,
        {{ normalised_identifier("account_id", "account_id") }} as account_id,
        {{ normalised_identifier("wallet", "wallet") }} as wallet,
        source_name,
        bool_or(is_verified) as is_proven,
        min(received_at) as first_seen_at
    from sign_ins
    group by
        {{ normalised_identifier("customer_ref", "customer_ref") }},
        {{ normalised_identifier("account_id", "account_id") }},
        {{ normalised_identifier("wallet", "wallet") }},
        source_name
)

select * from final
