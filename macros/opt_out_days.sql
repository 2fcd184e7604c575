{#
    Per feature, variation, day and days since exposure: how many could turn the feature off for the first time,
    and how many did. A customer enters at the start of the day after the first exposure and leaves with the day
    of the opt-out.

    cohorts: as opt_out_cohorts gives them.
    by: further key columns.
#}
{% macro opt_out_days(cohorts, by=[]) -%}
    with strata as (
        select
            bands.stratum,
            bands.first_day,
            bands.last_day
        from (
            values
            ('days 0-6', 0, 6),
            ('days 7-27', 7, 27),
            ('days 28-89', 28, 89),
            ('days 90 on', 90, 36500)
        ) as bands (stratum, first_day, last_day)
    ),

    stays as (
        select
            {{ keys(by, "cohorts") }}
            cohorts.feature_id,
            cohorts.experiment_id,
            cohorts.variation_id,
            strata.stratum,
            greatest(
                {{ add_days("cohorts.exposed_date", "strata.first_day") }},
                {{ add_days("cohorts.exposed_date", 1) }}
            ) as first_date,
            least(
                {{ add_days("cohorts.exposed_date", "strata.last_day") }},
                coalesce(cohorts.opted_out_date, {{ as_of_date() }})
            ) as last_date,
            cohorts.opted_out_date
        from {{ cohorts }} as cohorts
        cross join strata
        where cohorts.is_at_risk
    ),

    marks as (
        select
            {{ keys(by, "stays") }}
            feature_id,
            experiment_id,
            variation_id,
            stratum,
            first_date as activity_date,
            1 as at_risk_count,
            0 as opt_out_count
        from stays
        where first_date <= last_date
        union all
        select
            {{ keys(by, "stays") }}
            feature_id,
            experiment_id,
            variation_id,
            stratum,
            {{ add_days("last_date", 1) }} as activity_date,
            -1 as at_risk_count,
            0 as opt_out_count
        from stays
        where first_date <= last_date
        union all
        select
            {{ keys(by, "stays") }}
            feature_id,
            experiment_id,
            variation_id,
            stratum,
            opted_out_date as activity_date,
            0 as at_risk_count,
            1 as opt_out_count
        from stays
        where opted_out_date between first_date and last_date
    ),

    {{ levels_by_day(
        "marks",
        by + ["feature_id", "experiment_id", "variation_id", "stratum"],
        ["at_risk_count"],
        ["opt_out_count"],
    ) }}

    select * from final
{%- endmacro %}
