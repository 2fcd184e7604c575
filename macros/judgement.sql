{# A total order of rows that does not depend on which file brought them: what arrived first comes first. #}
{% macro order_of_arrival(rows) -%}
    {{ rows }}.received_at asc,
    {{ rows }}.event_at asc,
    {{ rows }}.content_digest asc,
    {{ rows }}.row_id asc
{%- endmacro %}

{#
    The rows that have the key of an earlier row. When a row was received mostly says whether it is the first of its
    key; only firsts that were received in one moment are put in order.
#}
{% macro repeated_keys(rows) -%}
    with shared_keys as (
        select
            key_digest,
            min(received_at) as first_received_at
        from {{ rows }}
        where key_digest is not null
        group by key_digest
        having count(*) > 1
    ),

    tied_keys as (
        select rows_of_keys.key_digest
        from {{ rows }} as rows_of_keys
        inner join shared_keys
            on
                rows_of_keys.key_digest = shared_keys.key_digest
                and rows_of_keys.received_at = shared_keys.first_received_at
        group by rows_of_keys.key_digest
        having count(*) > 1
    ),

    later_rows as (
        select rows_of_keys.row_id
        from {{ rows }} as rows_of_keys
        inner join shared_keys
            on
                rows_of_keys.key_digest = shared_keys.key_digest
                and rows_of_keys.received_at > shared_keys.first_received_at
        where rows_of_keys.key_digest not in (select key_digest from tied_keys)
    ),

    rows_of_tied_keys as (
        select
            rows_of_keys.row_id,
            row_number() over (
                partition by rows_of_keys.key_digest
                order by {{ order_of_arrival("rows_of_keys") }}
            ) as place
        from {{ rows }} as rows_of_keys
        inner join tied_keys
            on rows_of_keys.key_digest = tied_keys.key_digest
    )

    select row_id
    from later_rows
    union all
    select row_id
    from rows_of_tied_keys
    where place > 1
{%- endmacro %}

{#
    The one verdict on each row: the first of the enforced rules that hits it. `hits` has a flag for each rule of
    `flags`; what a row's customer and its age say is added here. Rules in shadow leave their bits and decide nothing.
#}
{% macro judge_rows(hits, flags) -%}
    {%- set rules = row_rules() -%}
    {%- set customer_rules = [
        "test_customer", "test_account", "test_email_domain", "test_device", "erasure_request",
    ] -%}
    select
        source_name,
        table_name,
        row_id,
        received_date,
        received_at,
        missing_expected_count,
        {{ microseconds_between("event_at", "received_at") }} > 86400000000 as is_late,
        rule_hits,
        case
            {%- for reason in verdicts() if reason != "kept" %}
            {%- set bits = namespace(rules=[]) %}
            {%- for rule in rules if rules[rule] == reason %}
            {%- set bits.rules = bits.rules + [rule] %}
            {%- endfor %}
            when rule_hits & enforced_rules & {{ rule_bits(bits.rules) }} <> 0 then '{{ reason }}'
            {%- endfor %}
            else 'kept'
        end as verdict
    from (
        select
            {{ hits }}.*,
            enforced.rules as enforced_rules,
            coalesce(about_customer.rules, 0)
            {%- for flag in flags %}
            + case when {{ hits }}.{{ flag }} then {{ rule_bits([flag]) }} else 0 end
            {%- endfor %}
            + case
                when
                    {{ microseconds_between(hits ~ ".event_at", hits ~ ".received_at") }}
                    > contracts.sla_hours * 3600000000
                    then {{ rule_bits(["stale_row"]) }}
                else 0
            end as rule_hits
        from {{ hits }}
        cross join (
            select
                cast(sum(
                    case rule_id
                        {%- for rule in rules %}
                        when '{{ rule }}' then {{ rule_bits([rule]) }}
                        {%- endfor %}
                    end
                ) as integer) as rules
            from {{ ref("hygiene_rules") }}
            where mode = 'enforced'
        ) as enforced
        left join {{ ref("stg_lake__contracts") }} as contracts
            on
                {{ hits }}.source_name = contracts.source_name
                and {{ hits }}.table_name = contracts.table_name
        left join (
            select
                identifiers.identifier_digest,
                cast(
                {%- for rule in customer_rules %}
                {{ "+ " if not loop.first }}max(
                    case when customer_hits.rule_id = '{{ rule }}' then {{ rule_bits([rule]) }} else 0 end
                )
                {%- endfor %}
                as integer) as rules
            from (
                select customer_id, rule_id
                from {{ ref("hygiene_customer_rules") }}
                union all
                select customer_id, rule_id
                from {{ ref("hygiene_test_devices") }}
            ) as customer_hits
            inner join {{ source("resolver", "identifier_customers") }} as resolved
                on customer_hits.customer_id = resolved.customer_id
            inner join {{ ref("identity_identifiers") }} as identifiers
                on resolved.identifier_key = identifiers.identifier_key
            group by identifiers.identifier_digest
        ) as about_customer
            on {{ hits }}.identifier_digest = about_customer.identifier_digest
    ) as judged
{%- endmacro %}
