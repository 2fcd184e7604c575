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
    group by all
),

-- Whatever system says so: the latest version of a link is the one that holds.
latest_links as (
    select
        account_id,
        wallet,
        source_name,
        proof,
        unlinked_at,
        min(received_at) over (partition by account_id, wallet) as first_seen_at
    from normalised_links
    qualify
        row_number() over (
            partition by account_id, wallet
            order by event_at desc, received_at desc, row_id desc
        ) = 1
),

current_links as (
    select
        latest_links.*,
        coalesce(owners.customer_ref, latest_links.account_id) as party
    from latest_links
    left join owners
        on latest_links.account_id = owners.account_id
),

undone as (
    select
        party,
        wallet,
        max(unlinked_at) as unlinked_at
    from current_links
    group by party, wallet
),

signers as (
    select
        {{ normalised_identifier("customer_ref", "customer_ref") }} as customer_ref,
        {{ normalised_identifier("account_id", "account_id") }} as account_id,
        {{ normalised_identifier("wallet", "wallet") }} as wallet,
        source_name,
        max(case when is_verified then event_at end) as verified_at,
        min(received_at) as first_seen_at
    from sign_ins
    group by all
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
        case when undone.party is null and parties.verified_at is not null then 'signature' end
            as proof,
        parties.party,
        parties.first_seen_at
    from parties
    left join undone
        on
            parties.party = undone.party and parties.wallet = undone.wallet
            and parties.verified_at < undone.unlinked_at
),

signed as (
    select
        wallet,
        count(distinct party) as signer_count
    from statements
    where proof = 'signature' and party is not null
    group by wallet
),

final as (
    select
        statements.customer_ref,
        statements.account_id,
        statements.wallet,
        statements.source_name,
        statements.proof,
        statements.proof is not null
        and (statements.proof = 'signature' or signed.wallet is null) as is_evidence,
        -- A wallet that two have signed with has moved, or is one person's: it proves neither.
        case when signed.signer_count = 1 then 'wallet' else 'wallet_claim' end as rule_type,
        statements.first_seen_at
    from statements
    left join signed
        on statements.wallet = signed.wallet
)

select * from final
