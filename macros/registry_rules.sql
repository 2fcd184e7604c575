{#
    What a registered experiment must keep to: rule -> (when it is broken, what is said then), over the columns of
    fct_registry_faults' CTE `experiments`. A message names what was found, the rule and the remedy.
#}
{% macro experiment_rules() %}
    {%- set shares = var("holdout_share_min") ~ " to " ~ var("holdout_share_max") -%}
    {{ return({
        "holdout_share": (
            "holdout_share is null or holdout_share < " ~ var("holdout_share_min")
            ~ " or holdout_share > " ~ var("holdout_share_max"),
            "'holdout_share is ' || coalesce(cast(holdout_share as string), 'empty') || ', policy is "
            ~ shares ~ ": hold out as much under a new id'",
        ),
        "planned_days": (
            "planned_days is null or planned_days < " ~ var("experiment_min_days"),
            "'planned_days is ' || coalesce(cast(planned_days as string), 'empty') || ': plan at least "
            ~ var("experiment_min_days") ~ ", nothing is read earlier'",
        ),
        "primary_metric": (
            "is_metric_unknown",
            "'primary_metric is ' || coalesce(primary_metric, 'empty') "
            ~ "|| ': declare one of seed experiment_metrics before the start'",
        ),
        "primary_metric_not_comparable": (
            "is_metric_unfit",
            "'primary_metric ' || primary_metric || ' says nothing of the holdout or of benefit: "
            ~ "declare one that both arms have'",
        ),
        "minimum_effect": (
            "minimum_effect is null or minimum_effect <= 0",
            "'minimum_effect is ' || coalesce(cast(minimum_effect as string), 'empty') "
            ~ "|| ': declare the least effect worth having, above 0'",
        ),
        "registered_late": (
            "registered_at > started_at",
            "'registered after it started: what was declared may have been seen first'",
        ),
        "ends_before_start": (
            "ended_at <= started_at",
            "'ended_at is not after started_at: nobody can be enrolled'",
        ),
        "feature_not_registered": (
            "not is_feature_registered",
            "'feature ' || feature_id || ' is not in the registry: add it to features'",
        ),
        "kind": (
            "is_kind_unknown",
            "'kind is ' || kind || ', which is none of the three: see docs/experiments.md'",
        ),
        "follows_nothing": (
            "must_follow and not coalesce(is_successor, false)",
            "'a ' || kind || ' that follows ' || coalesce(follows_experiment_id, 'nothing') "
            ~ "|| ': name the earlier experiment of the same feature'",
        ),
        "unnamed_repeat": (
            "kind = 'test' and (follows_experiment_id is not null or is_repeat)",
            "'a test of what an earlier experiment tested: name that one, and what kind this is'",
        ),
        "second_pivot": (
            "pivot_number > 1",
            "'number ' || cast(pivot_number as string) || ' of its kind for ' || feature_id "
            ~ "|| ': a feature has one'",
        ),
        "salt_reused": (
            "is_salt_reused",
            "'its salt is another experiment\'\'s: the same customers are held out of both'",
        ),
        "no_stages": (
            "is_due and not has_stages",
            "'it started and has no stages: add how far it was rolled out when'",
        ),
        "no_assignments": (
            "is_due and not has_assignments",
            "'it started and nobody is assigned or exposed: see whether the log is read'",
        ),
    }) }}
{% endmacro %}

{# What features, releases and overrides must keep to, in the columns of fct_registry_faults. #}
{% macro other_registry_faults() -%}
    select
        'feature' as subject_type,
        feature_id as subject,
        'launched_unregistered' as rule,
        'launched before it was registered' as message,
        true as is_current
    from {{ ref("dim_features") }}
    where launched_at < registered_at
    union all
    select
        'release' as subject_type,
        release_id as subject,
        'kind' as rule,
        'kind is ' || kind || ': no verdict knows it' as message,
        true as is_current
    from {{ ref("fct_releases") }}
    where
        kind not in (
            'feature_rollout', 'feature_version', 'model_version', 'ui_refresh', 'fix', 'pivot'
        )
    union all
    select
        'release' as subject_type,
        release_id as subject,
        'fixes_nothing' as rule,
        'a fix without fix_for_feature_id: name the feature, or its clock goes on' as message,
        true as is_current
    from {{ ref("fct_releases") }}
    where
        kind = 'fix'
        and fix_for_feature_id is null
    union all
    select
        'override' as subject_type,
        overrides.override_id as subject,
        'feature_not_registered' as rule,
        'feature ' || overrides.feature_id || ' is not in the registry' as message,
        true as is_current
    from {{ ref("fct_overrides") }} as overrides
    left join {{ ref("dim_features") }} as features
        on overrides.feature_id = features.feature_id
    where features.registered_at is null
{%- endmacro %}
