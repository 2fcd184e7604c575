{# Identifier types, strongest first: a row is about the first one it has. #}
{% macro identifier_types() %}
    {{ return([
        'customer_ref', 'account_id', 'user_id', 'kyc_applicant_id', 'contact_id', 'wallet',
        'profile_id', 'email', 'phone', 'participant_id', 'device_id', 'anonymous_id',
        'advertising_id',
    ]) }}
{% endmacro %}

{# One spelling per identifier; NULL where nothing is left. #}
{% macro normalised_identifier(type, column) -%}
    {%- if type in ('email', 'advertising_id') -%}
        nullif(lower(trim({{ column }})), '')
    {%- elif type == 'phone' -%}
        nullif({{ strip_characters(column, "[^0-9+]") }}, '')
    {%- elif type == 'wallet' -%}
        {{ normalised_wallet("trim(" ~ column ~ ")") }}
    {%- else -%}
        nullif(trim({{ column }}), '')
    {%- endif -%}
{%- endmacro %}

{#
    An account id of CAIP-10, `<chain>:<address>`; its older form was `<address>@<chain>`. Only the addresses of
    eip155 chains mean the same in any case: base58 does not.
#}
{% macro normalised_wallet(column) -%}
    case
        when {{ column }} like '%@eip155:%'
            then lower(split_part({{ column }}, '@', 2) || ':' || split_part({{ column }}, '@', 1))
        when {{ column }} like '%@%:%'
            then split_part({{ column }}, '@', 2) || ':' || split_part({{ column }}, '@', 1)
        when {{ column }} like 'eip155:%' then lower({{ column }})
        else nullif({{ column }}, '')
    end
{%- endmacro %}

{# The opaque key of an identifier: what facts carry instead of the customer. #}
{% macro identifier_key(type, column) -%}
    md5('{{ type }}:' || {{ normalised_identifier(type, column) }})
{%- endmacro %}

{# The key of the strongest of the identifiers a row has. #}
{% macro row_identifier_key(types) -%}
    {%- if types | length == 0 -%}
        cast(null as string)
    {%- else -%}
        coalesce(
            {%- for type in types %}
            {{ identifier_key(type, type) }}{{ "," if not loop.last }}
            {%- endfor %}
        )
    {%- endif -%}
{%- endmacro %}

{# The same, as the digest by which hygiene joins: of what `identity_identifiers` calls its `identifier_digest`. #}
{% macro row_identifier_digest(types) -%}
    {%- if types | length == 0 -%}
        {{ digest("cast(null as string)") }}
    {%- else -%}
        {%- set texts = [] -%}
        {%- for type in types -%}
            {%- do texts.append("'" ~ type ~ ":' || " ~ normalised_identifier(type, type)) -%}
        {%- endfor -%}
        {{ first_digest(texts) }}
    {%- endif -%}
{%- endmacro %}

{# The digest of the first of some texts that is there. Each has its own: an engine digests a dictionary's values once. #}
{% macro first_digest(texts) -%}
    coalesce(
        {%- for text in texts %}
        {{ digest(text) }}{{ "," if not loop.last }}
        {%- endfor %}
    )
{%- endmacro %}
