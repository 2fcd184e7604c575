{#- One row per batch with every row it delivered accounted for, once. -#}
with landed as (
    select
        source_name,
        table_name,
        received_date,
        count(*) as landed_count,
        max(received_at) as last_received_at,
        sum(missing_expected_count) as missing_expected_count,
        {%- for verdict in verdicts() %}
        count(case when verdict = '{{ verdict }}' then 1 end) as {{ verdict }}_count,
        {%- endfor %}
        count(
            case
                when
                    verdict = 'duplicate'
                    and rule_hits & {{ rule_bits(["near_duplicate"]) }} <> 0
                    then 1
            end
        ) as near_duplicate_count,
        count(case when is_late then 1 end) as late_count
    from {{ ref("hygiene_verdicts") }}
    group by all
),

-- What was taken out of the lake, so that a forgotten person leaves it, is still in the count.
quarantined as (
    select
        source_name,
        table_name,
        received_date,
        count(case when kind <> 'erased' then 1 end) as quarantined_count,
        count(case when kind not in ('malformed', 'erased') then 1 end) as set_aside_count,
        count(case when kind = 'erased' then 1 end) as removed_count
    from {{ ref("stg_lake__quarantined_rows") }}
    group by all
),

final as (
    select
        coalesce(landed.source_name, quarantined.source_name) as source_name,
        coalesce(landed.table_name, quarantined.table_name) as table_name,
        coalesce(landed.received_date, quarantined.received_date) as received_date,
        landed.last_received_at,
        coalesce(landed.landed_count, 0) as landed_count,
        {%- for count in verdicts() + ["near_duplicate", "late", "missing_expected"] %}
        cast(
            coalesce(landed.{{ count }}_count, 0)
            {{- " + coalesce(quarantined.removed_count, 0)" if count == "erased" }} as bigint
        ) as {{ count }}_count,
        {%- endfor %}
        coalesce(quarantined.removed_count, 0) as removed_count,
        coalesce(quarantined.quarantined_count, 0) as quarantined_count,
        coalesce(quarantined.set_aside_count, 0) as set_aside_count
    from landed
    full outer join quarantined
        on
            landed.source_name = quarantined.source_name
            and landed.table_name = quarantined.table_name
            and landed.received_date = quarantined.received_date
)

select * from final
