{#-
    For each day of the eight weeks after a release: people at risk and first opt-outs since the release, and in
    the four weeks before it, by days since exposure. A release brings new people, who opt out more than old
    ones; compared within strata, they don't make the rate seem to rise.
-#}
with days as (
    select
        feature_id,
        experiment_id,
        variation_id,
        stratum,
        activity_date,
        sum(at_risk_count) over run_up as at_risk_total,
        sum(opt_out_count) over run_up as opt_out_total
    from {{ ref("sums_opt_out_daily") }}
    window run_up as (
        partition by feature_id, experiment_id, variation_id, stratum
        order by activity_date asc
        rows between unbounded preceding and current row
    )
),

releases as (
    select distinct
        feature_id,
        {{ local_date("released_at") }} as released_date
    from {{ ref("fct_releases") }}
),

last_releases as (
    select
        days.feature_id,
        days.experiment_id,
        days.variation_id,
        days.stratum,
        days.activity_date,
        days.at_risk_total,
        days.opt_out_total,
        max(releases.released_date) as released_date
    from days
    inner join releases
        on
            days.feature_id = releases.feature_id
            and days.activity_date >= releases.released_date
            and days.activity_date < {{ add_days("releases.released_date", 56) }}
    group by all
),

final as (
    select
        last_releases.feature_id,
        last_releases.experiment_id,
        last_releases.variation_id,
        last_releases.activity_date,
        last_releases.stratum,
        cast(before_end.at_risk_total - coalesce(before_start.at_risk_total, 0) as bigint)
            as before_at_risk,
        cast(before_end.opt_out_total - coalesce(before_start.opt_out_total, 0) as bigint)
            as before_opt_outs,
        cast(last_releases.at_risk_total - before_end.at_risk_total as bigint)
            as after_at_risk,
        cast(last_releases.opt_out_total - before_end.opt_out_total as bigint)
            as after_opt_outs
    from last_releases
    inner join days as before_end
        on
            last_releases.feature_id = before_end.feature_id
            and last_releases.experiment_id = before_end.experiment_id
            and last_releases.variation_id = before_end.variation_id
            and last_releases.stratum = before_end.stratum
            and {{ add_days("last_releases.released_date", -1) }} = before_end.activity_date
    left join days as before_start
        on
            last_releases.feature_id = before_start.feature_id
            and last_releases.experiment_id = before_start.experiment_id
            and last_releases.variation_id = before_start.variation_id
            and last_releases.stratum = before_start.stratum
            and {{ add_days("last_releases.released_date", -29) }} = before_start.activity_date
)

select * from final
