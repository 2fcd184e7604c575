{#- Whose a session without a login probably was is a property of it, and makes nobody one. -#}
with stays as (
    select
        source_name,
        device_id,
        session_id,
        identifier_key,
        min(event_at) as first_at,
        max(event_at) as last_at,
        count(*) as event_count
    from {{ ref("fct_events") }}
    where
        device_id is not null
        and session_id is not null
    group by all
),

logged_in_stays as (
    select
        stays.source_name,
        stays.device_id,
        stays.session_id,
        stays.identifier_key,
        stays.first_at,
        stays.last_at
    from stays
    inner join {{ ref("dim_identifiers") }} as identifiers
        on stays.identifier_key = identifiers.identifier_key
    where identifiers.identifier_type in ('customer_ref', 'account_id', 'user_id')
),

first_logins as (
    select
        device_id,
        first_at as login_at,
        min(identifier_key) as identifier_key
    from logged_in_stays
    group by device_id, first_at
),

last_logins as (
    select
        device_id,
        last_at as login_at,
        min(identifier_key) as identifier_key
    from logged_in_stays
    group by device_id, last_at
),

session_logins as (
    select
        source_name,
        device_id,
        session_id,
        min(first_at) as first_login_at,
        max(last_at) as last_login_at
    from logged_in_stays
    group by source_name, device_id, session_id
),

sessions as (
    select
        stays.source_name,
        stays.device_id,
        stays.session_id,
        session_logins.first_login_at,
        session_logins.last_login_at,
        min(stays.first_at) as started_at,
        max(stays.last_at) as ended_at,
        cast(sum(stays.event_count) as bigint) as event_count
    from stays
    left join session_logins
        on
            stays.source_name = session_logins.source_name
            and stays.device_id = session_logins.device_id
            and stays.session_id = session_logins.session_id
    group by all
),

placed as (
    select
        *,
        max(last_login_at) over (
            partition by device_id
            order by started_at asc, source_name asc, session_id asc
            rows between unbounded preceding and 1 preceding
        ) as login_before_at,
        min(first_login_at) over (
            partition by device_id
            order by started_at asc, source_name asc, session_id asc
            rows between 1 following and unbounded following
        ) as login_after_at
    from sessions
),

gaps as (
    select
        *,
        {{ microseconds_between("login_before_at", "started_at") }} as gap_before,
        {{ microseconds_between("ended_at", "login_after_at") }} as gap_after,
        cast({{ var("login_attribution_days") }} as bigint) * 86400000000 as longest_gap
    from placed
),

attributed as (
    select
        *,
        case
            when first_login_at is not null then 'login'
            when gap_before < longest_gap and gap_before <= coalesce(gap_after, gap_before)
                then 'after_login'
            when gap_after < longest_gap then 'before_login'
            else 'none'
        end as attribution
    from gaps
),

final as (
    select
        attributed.source_name,
        attributed.device_id,
        attributed.session_id,
        attributed.started_at,
        attributed.ended_at,
        attributed.event_count,
        coalesce(last_logins.identifier_key, first_logins.identifier_key)
            as attributed_identifier_key,
        attributed.attribution
    from attributed
    left join last_logins
        on
            attributed.device_id = last_logins.device_id
            and attributed.login_before_at = last_logins.login_at
            and attributed.attribution = 'after_login'
    left join first_logins
        on
            attributed.device_id = first_logins.device_id
            and case attributed.attribution
                when 'login' then attributed.first_login_at
                when 'before_login' then attributed.login_after_at
            end = first_logins.login_at
)

select * from final
