with versions as (
    {{ kept("spend", [
        "source_name", "row_id", "event_at", "received_at", "spend_date", "subject_type",
        "subject", "kind", "amount", "currency_code",
    ], standardised={"currency_code": "currency"}) }}
),

-- A day's spend is corrected later: the last word counts.
final as (
    select
        source_name,
        row_id,
        spend_date,
        subject_type,
        subject,
        kind,
        amount,
        currency_code
    from versions
    qualify
        row_number() over (
            partition by source_name, spend_date, subject_type, subject, kind
            order by event_at desc, received_at desc, row_id desc
        ) = 1
)

select * from final
