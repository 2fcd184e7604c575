{#-
    Two identifiers of one row are an edge; the row's strongest is the middle of a star. A reviewer's word stands above
    what was seen.
-#}
{%- set types = identifier_types() -%}
with sightings as (
    select *
    from {{ ref("identity_sightings") }}
),

stars as (
    select
        *,
        coalesce(
            {%- for type in types %}
            case when {{ type }} is not null then '{{ type }}' end{{ "," if not loop.last }}
            {%- endfor %}
        ) as middle_type,
        {{ row_identifier_key(types) }} as middle_key
    from sightings
),

pairs as (
    {%- for type in types %}
    select
        middle_key as left_identifier_key,
        {{ identifier_key(type, type) }} as right_identifier_key,
        source_name,
        false as is_decided,
        first_seen_at
    from stars
    where
        {{ type }} is not null
        and middle_type <> '{{ type }}'
    union all
    {%- endfor %}
    select
        md5(merge.identifier_type || ':' || merge.identifier_value) as left_identifier_key,
        md5(merge.merged_identifier_type || ':' || merge.merged_identifier_value)
            as right_identifier_key,
        merge.source_name,
        false as is_decided,
        merge.received_at as first_seen_at
    from (
        {{ canonical("identity_merges", [
            "identifier_type", "identifier_value",
            "merged_identifier_type", "merged_identifier_value", "received_at",
        ]) }}
    ) as merge
    union all
    select
        md5('phone:' || standard_phones.phone) as left_identifier_key,
        md5('phone:' || standard_phones.standard_phone) as right_identifier_key,
        cast(null as string) as source_name,
        false as is_decided,
        cast(null as timestamp) as first_seen_at
    from {{ source("standardiser", "phone_numbers") }} as standard_phones
    where standard_phones.phone <> standard_phones.standard_phone
    union all
    select
        decisions.left_identifier_key,
        decisions.right_identifier_key,
        decisions.source_name,
        true as is_decided,
        decisions.decided_at as first_seen_at
    from {{ ref("identity_decisions") }} as decisions
    where decisions.decision = 'same'
),

told_apart as (
    select
        left_identifier_key,
        right_identifier_key
    from {{ ref("identity_decisions") }}
    where decision = 'different'
),

identifiers as (
    select
        identifier_key,
        tier
    from {{ ref("identity_identifiers") }}
    where not is_blocked
),

final as (
    select
        least(pairs.left_identifier_key, pairs.right_identifier_key) as left_identifier_key,
        greatest(pairs.left_identifier_key, pairs.right_identifier_key) as right_identifier_key,
        case
            when bool_or(pairs.is_decided) then 'strong'
            when 'weak' in (left_end.tier, right_end.tier) then 'weak'
            when 'medium' in (left_end.tier, right_end.tier) then 'medium'
            else 'strong'
        end as tier,
        min(pairs.source_name) as source_name,
        min(pairs.first_seen_at) as first_seen_at
    from pairs
    inner join identifiers as left_end
        on pairs.left_identifier_key = left_end.identifier_key
    inner join identifiers as right_end
        on pairs.right_identifier_key = right_end.identifier_key
    left join told_apart
        on
            least(pairs.left_identifier_key, pairs.right_identifier_key)
            = told_apart.left_identifier_key
            and greatest(pairs.left_identifier_key, pairs.right_identifier_key)
            = told_apart.right_identifier_key
    where
        pairs.left_identifier_key <> pairs.right_identifier_key
        and told_apart.left_identifier_key is null
    group by
        least(pairs.left_identifier_key, pairs.right_identifier_key),
        greatest(pairs.left_identifier_key, pairs.right_identifier_key),
        'weak' in (left_end.tier, right_end.tier),
        'medium' in (left_end.tier, right_end.tier)
)

select * from final
