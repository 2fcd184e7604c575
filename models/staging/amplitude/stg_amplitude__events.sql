with events as (
    select
        *,
        {{ json_struct("event_properties", [
            "session_origin", "session_expires_at", "user_agent", "timezone", "target_id",
            "feature_id", "insight_id", "prompt_id", "flow_id", "flow_instance_id",
            "flow_step", "is_flow_completion", "amount", "currency_code", "product_line",
            "is_test",
        ]) }} as property
    from {{ source("raw", "amplitude__events") }}
),

final as (
    select
        {{ lineage("amplitude", "events") }},
        -- The app sets Amplitude's user id to the company's own customer reference.
        user_id as customer_ref,
        cast(null as string) as account_id,
        cast(null as string) as user_id,
        'amplitude:' || cast(amplitude_id as string) as profile_id,
        device_id,
        cast(null as string) as anonymous_id,
        cast(null as string) as email,
        cast(null as string) as phone,
        cast(null as string) as wallet,
        cast(null as string) as contact_id,
        cast(app as string) as app_id,
        insert_id,
        event_type as event_name,
        platform,
        version_name as app_version,
        -- Amplitude writes -1 for an event outside any session.
        case when session_id <> -1 then cast(session_id as string) end as session_id,
        property.session_origin as session_origin,
        {{ utc_timestamp("property.session_expires_at") }} as session_expires_at,
        property.user_agent as user_agent,
        ip_address as ip,
        country,
        property.timezone as timezone,
        property.target_id as target_id,
        property.feature_id as feature_id,
        property.insight_id as insight_id,
        cast(null as string) as insight_role,
        property.prompt_id as prompt_id,
        property.flow_id as flow_id,
        property.flow_instance_id as flow_instance_id,
        property.flow_step as flow_step,
        try_cast(property.is_flow_completion as boolean) as is_flow_completion,
        try_cast(property.amount as decimal(18, 2)) as amount,
        property.currency_code as currency_code,
        property.product_line as product_line,
        try_cast(property.is_test as boolean) as is_test,
        client_event_time as client_event_at,
        event_properties as properties
    from events
)

select * from final
