{#- Everything but events and messages: records whose only noise is repetition, age and who they are about. -#}
with records as (
    {%- for table, contract in canonical_tables().items() if table not in ("events", "messages") %}
    select
        source_name,
        table_name,
        row_id,
        received_date,
        event_at,
        received_at,
        missing_expected_count,
        identifier_key,
        is_duplicate,
        {{ "coalesce(is_test, false)" if contract["is_test"] else "false" }} as is_test
    from (
        {{ keyed_rows(table, ["is_test"] if contract["is_test"] else []) }}
    ) as {{ table }}
    {{ "union all" if not loop.last }}
    {%- endfor %}
),

judged as (
    select
        *,
        false as is_near_duplicate,
        false as is_bot,
        false as is_expired_session,
        false as is_unmapped
    from records
),

final as (
    {{ judge_rows() }}
)

select * from final
