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
