{# The columns every staging model begins with: which row this is, and when it happened and came. #}
{% macro lineage(source_name, table_name) -%}
    cast('{{ source_name }}' as string) as source_name,
    cast('{{ table_name }}' as string) as table_name,
    _row_id as row_id,
    received_date,
    _event_at as event_at,
    _received_at as received_at,
    _missing_expected_count as missing_expected_count,
    _key_digest as key_digest,
    _near_key_digest as near_key_digest,
    _content_digest as content_digest
{%- endmacro %}
