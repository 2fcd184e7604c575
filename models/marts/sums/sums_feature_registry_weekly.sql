{#-
    What happened to each feature in a week whatever is measured of it: compliance incidents that must be reported,
    fixes, pivots and versions released, overrides signed.
-#}
{%- set rules = compliance_rules() -%}
with served as (
    select
        {%- for rule in rules %}
        count(case when flags.is_{{ rule }} then 1 end) as {{ rule }}_count,
        {%- endfor %}
        decisions.feature_id,
        {{ week_start("flags.served_date") }} as week_start_date
    from {{ ref("sums_compliance_flags") }} as flags
    inner join {{ ref("fct_decision_states") }} as decisions
        on flags.decision_id = decisions.decision_id
    where decisions.feature_id is not null
    group by decisions.feature_id, {{ week_start("flags.served_date") }}
),

incidents as (
    {%- for rule in rules %}
    select
        feature_id,
        week_start_date,
        cast('{{ rule }}' as string) as rule_id,
        {{ rule }}_count as incident_count
    from served
    {{ "union all" if not loop.last }}
    {%- endfor %}
),

-- What was taken back did not stay with customers.
releases as (
    select
        case when kind = 'fix' then coalesce(fix_for_feature_id, feature_id) else feature_id end
            as feature_id,
        {{ week_start(local_date("released_at")) }} as week_start_date,
        kind
    from {{ ref("fct_releases") }}
    where rolled_back_at is null
),

happened as (
    select
        incidents.feature_id,
        incidents.week_start_date,
        cast('incident' as string) as kind,
        incidents.incident_count as happened_count
    from incidents
    inner join {{ ref("compliance_rules") }} as rules
        on incidents.rule_id = rules.rule_id
    where rules.is_reportable
    union all
    select
        feature_id,
        week_start_date,
        kind,
        1 as happened_count
    from releases
    union all
    select
        feature_id,
        {{ week_start(local_date("signed_at")) }} as week_start_date,
        cast('override' as string) as kind,
        1 as happened_count
    from {{ ref("fct_overrides") }}
),

final as (
    select
        feature_id,
        week_start_date,
        cast(sum(case when kind = 'incident' then happened_count else 0 end) as bigint)
            as reportable_incident_count,
        bool_or(kind = 'fix') as has_fix,
        bool_or(kind = 'pivot') as has_pivot,
        bool_or(kind = 'feature_version') as has_version,
        bool_or(kind = 'override') as has_override
    from happened
    where feature_id is not null
    group by feature_id, week_start_date
)

select * from final
