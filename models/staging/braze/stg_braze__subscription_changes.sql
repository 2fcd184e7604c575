select
    {{ lineage("braze", "subscription_changes") }},
    external_user_id as customer_ref,
    'braze:' || user_id as profile_id,
    id as preference_id,
    cast('customer' as string) as unit_type,
    coalesce(external_user_id, user_id) as unit,
    cast('channel' as string) as scope,
    cast(null as string) as feature_id,
    coalesce(channel, subscription_group_id, 'all') as channel,
    cast(null as string) as old_state,
    case
        when lower(subscription_status) = 'unsubscribed' then 'off'
        else 'on'
    end as new_state,
    case
        when lower(state_change_source) in ('rest api', 'dashboard') then 'company'
        else 'customer'
    end as actor,
    _event_at as effective_at,
    cast(null as string) as source_screen,
    state_change_source as reason
from {{ source("raw", "braze__subscription_changes") }}
