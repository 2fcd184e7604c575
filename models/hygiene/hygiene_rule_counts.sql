{#- How often each rule hits, and how often it decides. One in shadow hits and decides nothing. -#}
with rules as (
    select
        rule_id,
        reason,
        mode,
        case rule_id
            {%- for rule in row_rules() %}
            when '{{ rule }}' then {{ rule_bits([rule]) }}
            {%- endfor %}
        end as bit
    from {{ ref("hygiene_rules") }}
),

enforced as (
    select cast(sum(bit) as integer) as bits
    from rules
    where mode = 'enforced'
),

-- Few of the combinations of rules occur.
combinations as (
    select
        source_name,
        table_name,
        received_date,
        rule_hits,
        count(*) as row_count
    from {{ ref("hygiene_verdicts") }}
    where rule_hits <> 0
    group by all
),

final as (
    select
        combinations.source_name,
        combinations.table_name,
        combinations.received_date,
        rules.rule_id,
        rules.reason,
        rules.mode,
        cast(sum(combinations.row_count) as bigint) as hit_count,
        -- The first rule that is enforced has the lowest of the bits.
        cast(sum(
            case
                when
                    rules.mode = 'enforced'
                    and combinations.rule_hits & enforced.bits & (rules.bit - 1) = 0
                    then combinations.row_count
                else 0
            end
        ) as bigint) as decisive_count
    from combinations
    inner join rules
        on combinations.rule_hits & rules.bit <> 0
    cross join enforced
    group by all
)

select * from final
