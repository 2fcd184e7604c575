{#-
    What was declared of each experiment that has begun, and what is asked of it: the frame in which `inference` reads
    its sums.
-#}
with declared as (
    select
        *,
        {{ local_date("started_at") }} as started_date,
        {{ local_date("ended_at") }} as ended_date
    from {{ ref("dim_experiments") }}
    where started_at < {{ as_of() }}
),

mixed as (
    select
        experiment_id,
        count(*) as mixed_count
    from {{ ref("fct_enrolments") }}
    where is_mixed
    group by experiment_id
),

releases as (
    select
        declared.experiment_id,
        count(*) as release_count
    from declared
    inner join {{ ref("fct_releases") }} as releases
        on
            declared.feature_id = releases.feature_id
            and declared.started_at < releases.released_at
            and releases.released_at < coalesce(declared.ended_at, {{ as_of() }})
    where releases.kind <> 'feature_rollout'
    group by declared.experiment_id
),

final as (
    select
        declared.experiment_id,
        declared.feature_id,
        coalesce(declared.kind, 'test') as kind,
        declared.started_date,
        declared.ended_date,
        declared.ended_at is null or declared.ended_at > {{ as_of() }} as is_running,
        {{ days_between(
            "declared.started_date", "least(coalesce(declared.ended_date, " ~ as_of_date() ~ "), " ~ as_of_date() ~ ")"
        ) }} as runtime_days,
        cast(declared.planned_days as bigint) as planned_days,
        cast(declared.holdout_share as double) as planned_holdout_share,
        declared.primary_metric,
        cast(declared.minimum_effect as double) as minimum_effect,
        declared.mandatory_metrics,
        cast(declared.money_cap as decimal(18, 2)) as money_cap,
        coalesce(mixed.mixed_count, 0) as mixed_count,
        coalesce(releases.release_count, 0) as overlapping_release_count,
        {{ as_of_date() }} as as_of_date,
        cast({{ var("allowed_lateness_days") }} as bigint) as lateness_days,
        cast({{ var("experiment_min_days") }} as bigint) as min_days,
        cast({{ var("holdout_share_min") }} as double) as holdout_share_min,
        cast({{ var("holdout_share_max") }} as double) as holdout_share_max,
        cast({{ var("min_sample") }} as bigint) as min_sample
    from declared
    left join mixed
        on declared.experiment_id = mixed.experiment_id
    left join releases
        on declared.experiment_id = releases.experiment_id
)

select * from final
