{# Which column of a canonical table holds which field that is standardised or classified. #}
{% macro field_columns() %}
    {{ return({
        'account_wallets': {'wallet': 'wallet'},
        'contacts': {'email': 'email', 'phone': 'phone'},
        'customers': {
            'country': 'country', 'email': 'email', 'lifecycle_stage': 'lifecycle_stage',
            'phone': 'phone', 'risk_segment': 'risk_segment', 'timezone': 'timezone',
        },
        'decisions': {
            'channel': 'channel', 'lifecycle_stage': 'asserted_lifecycle_stage',
            'risk_segment': 'asserted_risk_segment',
        },
        'events': {
            'country': 'country', 'currency': 'currency_code', 'email': 'email',
            'event_name': 'event_name', 'phone': 'phone', 'timezone': 'timezone',
            'user_agent': 'user_agent', 'wallet': 'wallet',
        },
        'feedback': {'email': 'email'},
        'goals': {'currency': 'currency_code'},
        'identifications': {'email': 'email', 'phone': 'phone'},
        'kyc_events': {'country': 'jurisdiction'},
        'ledger': {'country': 'country', 'currency': 'currency_code'},
        'messages': {
            'channel': 'channel', 'email': 'email', 'phone': 'phone', 'timezone': 'timezone',
        },
        'orders': {'currency': 'currency_code'},
        'preferences': {'channel': 'channel'},
        'spend': {'currency': 'currency_code'},
        'tickets': {'channel': 'channel', 'email': 'email', 'phone': 'phone'},
        'wallet_sign_ins': {'wallet': 'wallet'},
    }) }}
{% endmacro %}

{#
    What is kept of a field's value: its text as the mappings spell it, of an e-mail address and a wallet only whether
    it has the right shape; NULL where there is nothing. A phone number of which nothing is left is the empty text.
#}
{% macro field_value(field, column) -%}
    {%- if field == 'email' -%}
        case
            when trim({{ column }}) = '' then null
            when {{ normalised_identifier(field, column) }} like '_%@_%._%' then 'well_formed'
            when {{ column }} is not null then 'malformed'
        end
    {%- elif field == 'wallet' -%}
        {#- CAIP-10: namespace, chain, address. -#}
        case
            when trim({{ column }}) = '' then null
            when
                regexp_extract(
                    {{ normalised_identifier(field, column) }},
                    '^[-a-z0-9]{3,8}:[-_a-zA-Z0-9]{1,32}:[-.%a-zA-Z0-9]{1,128}$',
                    0
                ) <> ''
                then 'well_formed'
            when {{ column }} is not null then 'malformed'
        end
    {%- elif field == 'phone' -%}
        case
            when trim({{ column }}) <> ''
                then coalesce({{ normalised_identifier(field, column) }}, '')
        end
    {%- elif field == 'event_name' -%}
        case when trim({{ column }}) <> '' then {{ column }} end
    {%- elif field == 'user_agent' -%}
        case when lower(platform) = 'web' then {{ column }} end
    {%- else -%}
        nullif(lower(trim({{ column }})), '')
    {%- endif -%}
{%- endmacro %}
