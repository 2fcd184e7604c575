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
