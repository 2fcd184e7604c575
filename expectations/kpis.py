"""The gate on KPIs: does a figure say that the product does harm?

It never stops publishing: what is wrong here is not the data. One subject is what a row of a mart
is about, at its last period that has a figure, unless that is long past.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Final

from expectations.gate import judge
from expectations.results import write_results
from expectations.thresholds import DEFAULT_PATH
from expectations.verdicts import GateReport, Remedy
from warehouse import read_frame

if TYPE_CHECKING:
    from datetime import date, datetime
    from pathlib import Path

    import duckdb

    from expectations.verdicts import Verdict

GATE: Final = "kpis"
# A week's figure is ripe after four weeks at most. What is older says nothing of today.
MAX_AGE_DAYS: Final = 42


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A figure of a mart that is judged, in SQL over the mart's columns.

    Attributes:
        metric: Name of the figure in `thresholds.yml`.
        mart: Where it stands.
        subject: What it is about, in words; one figure is judged for each.
        value: The figure.
        rows: How much it rests on.
        period: Column by which the last figure of a subject is the one that counts.
        where: Which rows have a figure.
        schema: Whose model it is.
    """

    metric: str
    mart: str
    subject: str
    value: str
    rows: str
    period: str
    where: str
    schema: str = "marts"

    def select(self, metrics: tuple[str, ...], today: date) -> str:
        """Select the last figure of each subject, with NULL on 0 rows for every other metric."""
        figures = (
            f"cast({self.value if name == self.metric else 'null'} as double) as {name}, "
            f"cast({self.rows if name == self.metric else 0} as bigint) as {name}__rows"
            for name in metrics
        )
        return (
            f"select {self.subject} as subject, '{self.mart}' as mart, "
            f"cast({self.rows} as bigint) as row_count, {', '.join(figures)} "
            f"from {self.schema}.{self.mart} where {self.where} "
            f"and {self.period} >= date '{today}' - {MAX_AGE_DAYS} "
            f"qualify row_number() over (partition by {self.subject} order by {self.period} desc) "
            "= 1"
        )


_VERDICTS = "kpi_feature_verdicts_weekly"
_JUST_CHANGED = (
    "case when is_changed and week_start_date = max(week_start_date) over "
    "(partition by feature_id) then 1 else 0 end"
)
_RECENT_SPIKES = (
    "sum(case when is_spike then 1 else 0 end) over (partition by theme, feature_id "
    "order by activity_date range between interval 6 day preceding and current row)"
)
_RECENT_INCIDENTS = (
    "sum(incident_count) over (partition by rule_id order by activity_date "
    "range between interval 6 day preceding and current row)"
)
# One low week in forty is chance; two running are hardly.
_FALLING_TWICE = (
    "case when is_conversion_falling and coalesce(lag(is_conversion_falling) over "
    "(partition by product_line order by week_start_date), false) then 1 else 0 end"
)
FIGURES = (
    Figure(
        metric="helpful_rate_ci_upper",
        mart="kpi_micro_feedback_weekly",
        subject=(
            "'helpfulness of ' || model_behaviour || ', ' || model_version || ', reason ' "
            "|| case when has_reason_shown then 'shown' else 'not shown' end"
        ),
        value="helpful_rate_ci_upper",
        rows="helpful_rate_denominator",
        period="week_start_date",
        where="helpful_rate_ci_upper is not null",
    ),
    Figure(
        metric="is_opt_out_rising",
        mart="kpi_opt_out_daily",
        subject="'opt-outs from ' || feature_id || ', ' || experiment_id || ', ' || variation_id",
        value="case when is_rising then 1 else 0 end",
        rows="opt_out_hazard_denominator",
        period="activity_date",
        where="is_rising is not null",
    ),
    Figure(
        metric="theme_spike_count_7d",
        mart="kpi_support_themes_daily",
        subject="'tickets about ' || theme || ', ' || feature_id",
        value=_RECENT_SPIKES,
        rows="exposed_count",
        period="activity_date",
        where="is_spike is not null and theme <> 'other'",
    ),
    Figure(
        metric="csat_positive_rate_ci_upper",
        mart="kpi_csat_weekly",
        subject="'satisfaction by ' || instrument",
        value="csat_positive_rate_ci_upper",
        rows="csat_positive_rate_denominator",
        period="week_start_date",
        where=(
            "csat_positive_rate_ci_upper is not null and headline_weight > 0 "
            "and segment_type = 'all'"
        ),
    ),
    Figure(
        metric="opt_in_rate_ci_upper",
        mart="kpi_opt_in_weekly",
        subject="'opt-ins to ' || feature_id",
        value="opt_in_rate_ci_upper",
        rows="opt_in_rate_denominator",
        period="week_start_date",
        where="opt_in_rate_ci_upper is not null",
    ),
    Figure(
        metric="false_targeting_rate_ci_lower",
        mart="kpi_targeting_weekly",
        subject="'targets of ' || feature_id || ', ' || model_behaviour",
        value="false_targeting_rate_ci_lower",
        rows="false_targeting_rate_denominator",
        period="week_start_date",
        where="false_targeting_rate_ci_lower is not null",
    ),
    Figure(
        metric="trigger_24h_rate_ci_upper",
        mart="kpi_flow_recovery_weekly",
        subject="'follow-ups on ' || flow_id",
        value="trigger_24h_rate_ci_upper",
        rows="trigger_24h_rate_denominator",
        period="week_start_date",
        where="trigger_24h_rate_ci_upper is not null and follow_up = 'triggered'",
    ),
    Figure(
        metric="duplicate_message_rate_ci_lower",
        mart="kpi_coordination_weekly",
        subject="'messages by ' || channel_a || ' and ' || channel_b",
        value="duplicate_message_rate_ci_lower",
        rows="duplicate_message_rate_denominator",
        period="week_start_date",
        where="duplicate_message_rate_ci_lower is not null",
    ),
    Figure(
        metric="is_conversion_falling",
        mart="kpi_conversion_weekly",
        subject="'conversion to ' || product_line",
        value=_FALLING_TWICE,
        rows="conversion_rate_denominator",
        period="week_start_date",
        where="is_conversion_falling is not null and segment_type = 'all'",
    ),
    Figure(
        metric="registry_fault_count",
        mart="fct_registry_faults",
        schema="core",
        subject="'registration of ' || subject_type || ' ' || subject",
        value="count(*) over (partition by subject_type, subject)",
        rows="1",
        period="checked_date",
        where="is_current",
    ),
    *(
        Figure(
            metric=metric,
            mart="kpi_experiment_health",
            subject=f"'{subject} of ' || experiment_id",
            value=f"case when {metric} then 1 else 0 end",
            rows="treated_count + holdout_count",
            period="data_through_date",
            # What has ended can no longer be mended.
            where="is_running",
        )
        for metric, subject in (
            ("is_srm_failed", "split"),
            ("is_holdout_out_of_range", "holdout"),
            ("has_always_valid_harm", "guardrails"),
        )
    ),
    *(
        Figure(
            metric=metric,
            mart=_VERDICTS,
            subject=subject,
            value=value,
            rows="1",
            period="week_start_date",
            where="true",
        )
        for metric, subject, value in (
            # A change after a change is news: each verdict is a subject.
            ("is_verdict_changed", "'verdict of ' || feature_id || ': ' || verdict", _JUST_CHANGED),
            (
                "is_decision_due",
                "'decision on ' || feature_id",
                "case when is_decision_due then 1 else 0 end",
            ),
            (
                "is_fix_expired",
                "'fix of ' || feature_id",
                "case when rule = 'fix_clock_ran_out' then 1 else 0 end",
            ),
            ("verdict_blocked_weeks", "'data on ' || feature_id", "blocked_weeks"),
        )
    ),
    *(
        Figure(
            metric=metric,
            mart="kpi_compliance_daily",
            subject="'incidents of ' || rule_id",
            value=_RECENT_INCIDENTS,
            rows="served_count",
            period="activity_date",
            where=f"{condition} is_reportable",
        )
        for metric, condition in (
            ("incident_count_7d", "not"),
            ("reportable_incident_count_7d", "true and"),
        )
    ),
)
_NOTHING = Remedy("No KPI has a figure yet.")


def run(
    connection: duckdb.DuckDBPyConnection,
    *,
    as_of: datetime,
    thresholds: Path = DEFAULT_PATH,
) -> GateReport:
    """Judge the last figures and write the gate's part of `gates.results`.

    A company without figures yet has nothing to be warned of, so nothing is judged then.

    Args:
        connection: the build database, with schema `marts`.
        as_of: moment the marts look from, with its zone.
        thresholds: the rules.

    Raises:
        ThresholdsError: the rules are not valid.
    """
    metrics = tuple(figure.metric for figure in FIGURES)
    today = as_of.astimezone(UTC).date()
    selects = " union all ".join(f"({figure.select(metrics, today)})" for figure in FIGURES)
    frame = read_frame(connection, f"{selects} order by subject")
    if frame.empty:
        report = GateReport(gate=GATE, verdicts=())
        write_results(connection, report)
        return report
    return judge(
        connection,
        GATE,
        frame,
        thresholds=thresholds,
        scopes=[frame["mart"]],
        advise=_advise,
        nothing=_NOTHING,
    )


def _advise(verdict: Verdict) -> Remedy:
    if verdict.metric == "registry_fault_count":
        return Remedy(
            "Correct the registry's file and have it reviewed; the run after it judges anew.",
            ("trustlift registry",),
        )
    marts = {figure.metric: figure.mart for figure in FIGURES}
    if marts.get(verdict.metric) == _VERDICTS:
        feature = verdict.subject.split(" ", 2)[-1]
        if verdict.metric == "is_verdict_changed":
            feature = feature.rpartition(": ")[0]
        return Remedy(
            f"The feature's row of {_VERDICTS} says why, what to do with the rollout, and what "
            "comes next.",
            (f"trustlift explain {feature}",),
        )
    return Remedy(
        f"See {marts.get(verdict.metric, 'the marts')} for when it began and whom it concerns; "
        "decide whether to pause the feature."
    )
