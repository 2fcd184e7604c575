{#- Whose a wallet is: its signer's; while nobody has signed with it, whoever has declared it. -#}
with links as (
    {{ canonical("account_wallets", [
        "account_id", "wallet", "proof_type", "unlinked_at", "event_at", "received_at", "row_id",
    ]) }}
),

sign_ins as (
    {{ canonical("wallet_sign_ins", [
        "customer_ref", "account_id", "wallet", "is_verified", "event_at", "received_at",
    ]) }}
),

accounts as (
    {{ canonical("accounts", ["customer_ref", "account_id"]) }}
),

normalised_links as (
    select
        {{ normalised_identifier("account_id", "account_id") }} as account_id,
        {{ normalised_identifier("wallet", "wallet") }} as wallet,
        source_name,
        case when lower(proof_type) = 'siwe' then 'signature' else 'claim' end as proof,
        unlinked_at,
        event_at,
        received_at,
        row_id
    from links
),

owners as (
    select
        {{ normalised_identifier("account_id", "account_id") }} as account_id,
        min({{ normalised_identifier("customer_ref", "customer_ref") }}) as customer_ref
    from accounts
    group by {{ normalised_identifier("account_id", "account_id") }}
),

-- Whatever system says so: the latest version of a link is the one that holds.
current_links as (
    select
        normalised_links.account_id,
        normalised_links.wallet,
        normalised_links.source_name,
        normalised_links.proof,
        normalised_links.unlinked_at,
        coalesce(owners.customer_ref, normalised_links.account_id) as party,
        min(normalised_links.received_at)
            over (partition by normalised_links.account_id, normalised_links.wallet)
            as first_seen_at
    from normalised_links
    left join owners
        on normalised_links.account_id = owners.account_id
    qualify
        row_number() over (
            partition by normalised_links.account_id, normalised_links.wallet
            order by
                normalised_links.event_at desc,
                normalised_links.received_at desc,
                normalised_links.row_id desc
        ) = 1
),

undone as (
    select
        party,
        wallet,
        max(unlinked_at) as unlinked_at
    from current_links
    where unlinked_at is not null
    group by party, wallet
),

signers as (
    select
        {{ normalised_identifier("customer_ref", "customer_ref") }} as customer_ref,
        {{ normalised_identifier("account_id", "account_id") }} as account_id,
        {{ normalised_identifier("wallet", "wallet") }} as wallet,
        source_name,
        max(case when is_verified then event_at end) as last_verified_at,
        min(received_at) as first_seen_at
    from sign_ins
    group by
        {{ normalised_identifier("customer_ref", "customer_ref") }},
        {{ normalised_identifier("account_id", "account_id") }},
        {{ normalised_identifier("wallet", "wallet") }},
        source_name
),

parties as (
    select
        signers.*,
        coalesce(signers.customer_ref, owners.customer_ref, signers.account_id) as party
    from signers
    left join owners
        on signers.account_id = owners.account_id
),

-- Whoever undoes the link after signing has let go of the key.
statements as (
    select
        cast(null as string) as customer_ref,
        account_id,
        wallet,
        source_name,
        case when unlinked_at is null then proof end as proof,
        party,
        first_seen_at
    from current_links
    union all
    select
        parties.customer_ref,
        parties.account_id,
        parties.wallet,
        parties.source_name,
        case
            when
                parties.last_verified_at >= coalesce(undone.unlinked_at, parties.last_verified_at)
                then 'signature'
        end as proof,
        parties.party,
        parties.first_seen_at
    from parties
    left join undone
        on
            parties.party = undone.party
            and parties.wallet = undone.wallet
),

signed as (
    select
        wallet,
        count(distinct party) as signer_count
    from statements
    where proof = 'signature'
    group by wallet
),

final as (
    select
        statements.customer_ref,
        statements.account_id,
        statements.wallet,
        statements.source_name,
        statements.proof,
        coalesce(
            statements.proof = 'signature'
            or statements.proof = 'claim' and coalesce(signed.signer_count, 0) = 0,
            false
        ) as is_evidence,
        -- A wallet that two have signed with has moved, or is one person's: it proves neither.
        case when signed.signer_count = 1 then 'wallet' else 'wallet_claim' end as rule_type,
        statements.first_seen_at
    from statements
    left join signed
        on statements.wallet = signed.wallet
)

select * from final
