{%- set events = ref("hygiene_event_keys") -%}
with identifiers as (
    select
        identifiers.identifier_digest,
        resolved.customer_id,
        identifiers.tier
    from {{ source("resolver", "identifier_customers") }} as resolved
    inner join {{ ref("identity_identifiers") }} as identifiers
        on resolved.identifier_key = identifiers.identifier_key
),

known_customers as (
    select distinct customer_id
    from identifiers
    where tier = 'strong'
),

testers as (
    select distinct rules.customer_id
    from {{ ref("hygiene_customer_rules") }} as rules
    where rules.rule_id <> 'erasure_request'
),

testers_identifiers as (
    select distinct identifiers.identifier_digest
    from identifiers
    inner join testers
        on identifiers.customer_id = testers.customer_id
),

testers_devices as (
    select distinct
        events.source_name,
        events.device_key
    from {{ events }} as events
    inner join testers_identifiers
        on events.identifier_digest = testers_identifiers.identifier_digest
    where events.device_key is not null
),

users as (
    select
        events.source_name,
        events.device_key,
        identifiers.customer_id,
        known_customers.customer_id is not null as is_known,
        testers.customer_id is not null as is_tester,
        -- A copy of a row is no second action, however often its batch is delivered.
        count(distinct events.key_digest)
        + count(case when events.key_digest is null then 1 end) as event_count
    from {{ events }} as events
    inner join testers_devices
        on
            events.source_name = testers_devices.source_name
            and events.device_key = testers_devices.device_key
    inner join identifiers
        on events.identifier_digest = identifiers.identifier_digest
    left join known_customers
        on identifiers.customer_id = known_customers.customer_id
    left join testers
        on identifiers.customer_id = testers.customer_id
    group by all
),

-- A tablet that a tester's family shares is theirs; a test rig is nobody else's.
test_devices as (
    select
        source_name,
        device_key
    from users
    where is_known
    group by all
    having
        sum(case when is_tester then event_count else 0 end)
        >= sum(event_count) * {{ var("test_device_share") }}
),

final as (
    select distinct
        users.customer_id,
        'test_device' as rule_id
    from users
    inner join test_devices
        on
            users.source_name = test_devices.source_name
            and users.device_key = test_devices.device_key
    where not users.is_known
)

select * from final
