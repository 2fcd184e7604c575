select
    {{ lineage("sumsub", "applicant_events") }},
    -- The company hands Sumsub its own customer reference.
    external_user_id as customer_ref,
    applicant_id as kyc_applicant_id,
    applicant_id || ' ' || type || ' ' || cast(created_at_ms as string) || ' '
    || correlation_id as kyc_event_id,
    case when type = 'applicantDeleted' then 'deleted' else review_status end
        as applicant_status,
    {{ json_text("review_result", "reviewAnswer") }} as answer,
    level_name as level,
    -- This company names its levels `<country>-<products>`.
    case when level_name like '__-%' then upper(substr(level_name, 1, 2)) end as jurisdiction,
    case
        when {{ json_text("review_result", "rejectLabels") }} like '%"SANCTIONS"%' then 'hit'
        when {{ json_text("review_result", "reviewAnswer") }} = 'GREEN' then 'clear'
    end as sanctions,
    case
        when {{ json_text("review_result", "rejectLabels") }} like '%"PEP"%'
            then 'politically_exposed'
        when {{ json_text("review_result", "reviewAnswer") }} = 'GREEN' then 'clear'
    end as aml_state,
    case when level_name like '__-%' then substr(level_name, 4) end as product_scope,
    created_at_ms as valid_from,
    coalesce(sandbox_mode, false) as is_test
from {{ source("raw", "sumsub__applicant_events") }}
