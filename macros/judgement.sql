{#
    The rows of one canonical table, each with its strongest identifier and whether an earlier row of its table
    has its key. Copies differ only in when and where they arrived, so the first received survives.
#}
{% macro keyed_rows(table, columns=[]) -%}
    {%- set contract = canonical_tables()[table] -%}
    {%- for model, key in contract["keys"].items() %}
    select
        source_name,
        table_name,
        row_id,
        received_date,
        event_at,
        received_at,
        missing_expected_count,
        {%- for column in columns %}
        {{ column }},
        {%- endfor %}
        {{ row_identifier_key(contract["identifiers"]) }} as identifier_key,
        {% for part in key if part not in contract["nullable_key"] -%}
        {{ part }} is not null and{{ " " }}
        {%- endfor %}row_number() over (
            partition by {{ key | join(", ") }}
            order by received_at asc, event_at asc, row_id asc
        ) > 1 as is_duplicate
    from {{ ref(model) }}
    {{ "union all" if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#
    The one verdict on a row: the first of the reasons that holds. `judged` has the flags of the row itself,
    `flags` those of its customer and `contract` the promise of its table.
#}
{% macro judge_rows() -%}
    select
        judged.source_name,
        judged.table_name,
        judged.row_id,
        judged.received_date,
        judged.received_at,
        judged.identifier_key,
        judged.missing_expected_count,
        judged.is_near_duplicate,
        judged.is_unmapped,
        {{ microseconds_between("judged.event_at", "judged.received_at") }} > 86400000000 as is_late,
        case
            when judged.is_duplicate or judged.is_near_duplicate then 'duplicate'
            when judged.is_bot then 'bot'
            when judged.is_test or flags.is_test then 'test'
            when judged.is_expired_session then 'expired_session'
            when
                {{ microseconds_between("judged.event_at", "judged.received_at") }}
                > contract.sla_hours * 3600000000
                then 'stale'
            when flags.is_erased then 'erased'
            else 'kept'
        end as verdict
    from judged
    left join {{ ref("stg_lake__contracts") }} as contract
        on
            judged.source_name = contract.source_name
            and judged.table_name = contract.table_name
    left join {{ source("resolver", "identifier_customers") }} as resolved
        on judged.identifier_key = resolved.identifier_key
    left join {{ ref("hygiene_customer_flags") }} as flags
        on resolved.customer_id = flags.customer_id
{%- endmacro %}
