with types as (
    select
        identifier_type,
        tier,
        max_holders
    from {{ ref("identifier_types") }}
),

blocked as (
    select
        identifier_type,
        identifier_value
    from {{ ref("identifier_blocklist") }}
),

wallet_rules as (
    select distinct
        wallet,
        rule_type
    from {{ ref("identity_wallets") }}
),

profile_merges as (
    {{ canonical("identity_merges", [
        "identifier_type", "identifier_value",
        "merged_identifier_type", "merged_identifier_value", "received_at",
    ]) }}
),

erasures as (
    select
        identifier_type,
        identifier_value,
        first_seen_at
    from {{ ref("identity_erasures") }}
),

spelt_phones as (
    select
        phone,
        standard_phone
    from {{ source("standardiser", "phone_numbers") }}
    where phone <> standard_phone
),

seen as (
    {%- for type in identifier_types() %}
    select
        '{{ type }}' as identifier_type,
        {{ type }} as identifier_value,
        first_seen_at
    from {{ ref("identity_sightings") }}
    where {{ type }} is not null
    union all
    {%- endfor %}
    select
        profile_merges.identifier_type,
        profile_merges.identifier_value,
        profile_merges.received_at as first_seen_at
    from profile_merges
    union all
    select
        profile_merges.merged_identifier_type as identifier_type,
        profile_merges.merged_identifier_value as identifier_value,
        profile_merges.received_at as first_seen_at
    from profile_merges
    union all
    select
        erasures.identifier_type,
        erasures.identifier_value,
        erasures.first_seen_at
    from erasures
    union all
    -- Rows are keyed by what they say; the spelling leads to the number.
    select
        'phone_spelling' as identifier_type,
        spelt_phones.phone as identifier_value,
        min(sightings.first_seen_at) as first_seen_at
    from spelt_phones
    inner join {{ ref("identity_sightings") }} as sightings
        on spelt_phones.standard_phone = sightings.phone
    group by spelt_phones.phone
),

ruled as (
    select
        seen.identifier_type,
        seen.identifier_value,
        seen.first_seen_at,
        -- A wallet that only a row of another kind mentions is nobody's by signature.
        case
            when seen.identifier_type = 'wallet'
                then coalesce(wallet_rules.rule_type, 'wallet_claim')
            else seen.identifier_type
        end as rule_type
    from seen
    left join wallet_rules
        on
            seen.identifier_type = 'wallet'
            and seen.identifier_value = wallet_rules.wallet
),

final as (
    select
        md5(
            replace(ruled.identifier_type, 'phone_spelling', 'phone')
            || ':' || ruled.identifier_value
        ) as identifier_key,
        {{ digest(
            "replace(ruled.identifier_type, 'phone_spelling', 'phone')"
            " || ':' || ruled.identifier_value"
        ) }} as identifier_digest,
        ruled.identifier_type,
        ruled.identifier_value,
        types.tier,
        types.max_holders,
        blocked.identifier_value is not null as is_blocked,
        min(ruled.first_seen_at) as first_seen_at
    from ruled
    inner join types
        on ruled.rule_type = types.identifier_type
    left join blocked
        on
            ruled.identifier_type = blocked.identifier_type
            and lower(ruled.identifier_value) = blocked.identifier_value
    group by all
)

select * from final
