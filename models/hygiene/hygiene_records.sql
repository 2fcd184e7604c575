{#- Everything but events. -#}
with records as (
    select *
    from {{ ref("hygiene_record_keys") }}
),

copies as (
    {{ repeated_keys("records") }}
),

hits as (
    select
        records.source_name,
        records.table_name,
        records.row_id,
        records.received_date,
        records.event_at,
        records.received_at,
        records.missing_expected_count,
        records.identifier_digest,
        copies.row_id is not null as duplicate_key,
        records.is_machine_open as mail_machine_open,
        records.is_suspected_click as mail_suspected_click,
        records.is_test as test_flag
    from records
    left join copies
        on records.row_id = copies.row_id
),

final as (
    {{ judge_rows("hits", [
        "duplicate_key", "mail_machine_open", "mail_suspected_click", "test_flag",
    ]) }}
)

select * from final
