{#- An applicant deleted at the verification vendor is a request to forget the whole person. -#}
with erasures as (
    {{ canonical("erasures", ["identifier_type", "identifier_value", "received_at"]) }}
),

kyc_events as (
    {{ canonical("kyc_events", [
        "kyc_applicant_id", "applicant_status", "is_test", "received_at",
    ]) }}
),

requests as (
    select
        identifier_type,
        identifier_value,
        received_at
    from erasures
    union all
    select
        'kyc_applicant_id' as identifier_type,
        {{ normalised_identifier("kyc_applicant_id", "kyc_applicant_id") }} as identifier_value,
        received_at
    from kyc_events
    where
        applicant_status = 'deleted'
        and kyc_applicant_id is not null
        and not coalesce(is_test, false)
),

final as (
    select
        md5(identifier_type || ':' || identifier_value) as identifier_key,
        identifier_type,
        identifier_value,
        min(received_at) as first_seen_at
    from requests
    group by all
)

select * from final
