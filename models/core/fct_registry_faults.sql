{#- What breaks the registry's rules, one fault a row; nothing is left out of any figure for it. -#}
with followed as (
    select
        *,
        coalesce(primary_metric, '') as metric_name,
        kind not in ('test', 'fix', 'pivot') as is_kind_unknown,
        kind in ('fix', 'pivot') as must_follow,
        case
            when kind = 'pivot'
                then row_number() over (
                    partition by feature_id, kind
                    order by registered_at asc, experiment_id asc
                )
        end as pivot_number,
        row_number() over (
            partition by feature_id, primary_metric, kind
            order by started_at asc, experiment_id asc
        ) > 1 as is_repeat,
        salt is not null and count(*) over (partition by salt) > 1 as is_salt_reused
    from {{ ref("dim_experiments") }}
),

staged as (
    select distinct experiment_id
    from {{ ref("fct_experiment_stages") }}
),

seen as (
    select experiment_id
    from {{ ref("fct_assignments") }}
    union
    select experiment_id
    from {{ ref("fct_exposures") }}
),

experiments as (
    select
        followed.*,
        metrics.metric_name is null as is_metric_unknown,
        metrics.is_treated_only or metrics.is_vanity as is_metric_unfit,
        features.registered_at is not null as is_feature_registered,
        earlier.started_at < followed.started_at as is_successor,
        {{ add_days(local_date("followed.started_at"), var("allowed_lateness_days")) }}
        < {{ as_of_date() }} as is_due,
        staged.experiment_id is not null as has_stages,
        seen.experiment_id is not null as has_assignments,
        followed.ended_at is null or followed.ended_at > {{ as_of() }} as is_current
    from followed
    left join {{ ref("experiment_metrics") }} as metrics
        on followed.metric_name = metrics.metric_name
    left join {{ ref("dim_features") }} as features
        on followed.feature_id = features.feature_id
    left join {{ ref("dim_experiments") }} as earlier
        on
            followed.follows_experiment_id = earlier.experiment_id
            and followed.feature_id = earlier.feature_id
    left join staged
        on followed.experiment_id = staged.experiment_id
    left join seen
        on followed.experiment_id = seen.experiment_id
),

declared as (
    select
        experiment_id,
        is_current,
        trim(part) as metric_name
    from (
        select
            experiment_id,
            is_current,
            {{ text_parts("mandatory_metrics", ";") }}
        from experiments
        where mandatory_metrics is not null
    ) as parts
),

faults as (
    {%- for rule, (condition, message) in experiment_rules().items() %}
    select
        'experiment' as subject_type,
        experiment_id as subject,
        '{{ rule }}' as rule,
        {{ message }} as message,
        is_current
    from experiments
    where {{ condition }}
    union all
    {%- endfor %}
    select
        'experiment' as subject_type,
        experiments.experiment_id as subject,
        'mandatory_metrics' as rule,
        metrics.metric_name || ' is not among mandatory_metrics: add it' as message,
        experiments.is_current
    from experiments
    inner join {{ ref("experiment_metrics") }} as metrics
        on metrics.is_mandatory
    left join declared
        on
            experiments.experiment_id = declared.experiment_id
            and metrics.metric_name = declared.metric_name
    where
        experiments.mandatory_metrics is not null
        and declared.experiment_id is null
    union all
    select
        'experiment' as subject_type,
        declared.experiment_id as subject,
        'mandatory_metrics' as rule,
        declared.metric_name || ' is no metric of seed experiment_metrics' as message,
        declared.is_current
    from declared
    left join {{ ref("experiment_metrics") }} as metrics
        on declared.metric_name = metrics.metric_name
    where metrics.metric_name is null
    union all
    {{ other_registry_faults() }}
),

final as (
    select distinct
        subject_type,
        subject,
        rule,
        message,
        is_current,
        {{ as_of_date() }} as checked_date
    from faults
)

select * from final
