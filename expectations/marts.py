"""The gate on marts: is what was built fit to replace what is published?

Tolerances only: what must hold exactly is a dbt test beside the mart.
"""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Final

import pandas as pd

from expectations.gate import judge
from expectations.identity import ADVICE as IDENTITY_ADVICE
from expectations.identity import measure_identity
from expectations.thresholds import DEFAULT_PATH
from expectations.verdicts import Remedy
from warehouse import read_frame

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    import duckdb

    from expectations.verdicts import GateReport, Verdict

GATE: Final = "marts"
# The rate that each mart is read for.
HEADLINES = {
    "kpi_abandonment_churn": "risk_ratio",
    "kpi_anomaly_detection_daily": "flagged_rate",
    "kpi_channel_health_weekly": "out_of_sync_rate",
    "kpi_channel_retention": "retention_d90",
    "kpi_compliance_controls_weekly": "reason_shown_rate",
    "kpi_content_weekly": "acted_rate",
    "kpi_conversion_weekly": "conversion_rate",
    "kpi_coordination_weekly": "duplicate_message_rate",
    "kpi_csat_weekly": "csat_positive_rate",
    "kpi_customer_value_monthly": "products_per_customer",
    "kpi_data_hygiene_daily": "contract_pass_rate",
    "kpi_decision_mix_weekly": "decision_share",
    "kpi_experiment_health": "holdout_share",
    "kpi_experiment_readouts": "mean",
    "kpi_feature_adoption_weekly": "adoption_rate",
    "kpi_feature_verdicts_weekly": "engagement_rate",
    "kpi_flow_recovery_weekly": "recovery_rate",
    "kpi_goal_attainment": "rmst_weeks",
    "kpi_high_value_features": "top_use_rate",
    "kpi_identity_daily": "several_sources_rate",
    "kpi_insight_outcomes_weekly": "acted_rate",
    "kpi_message_fatigue_weekly": "next_week_opt_out_rate",
    "kpi_message_timing_weekly": "realtime_share",
    "kpi_micro_feedback_weekly": "helpful_rate",
    "kpi_opt_in_weekly": "opt_in_rate",
    "kpi_opt_out_by_category_weekly": "opt_out_rate",
    "kpi_opt_out_cohorts": "opt_out_rate_28d",
    "kpi_opt_out_daily": "opt_out_hazard",
    "kpi_permission_weekly": "grant_rate",
    "kpi_retention_cohorts": "retention_d30",
    "kpi_return_adoption": "return_adoption_rate",
    "kpi_satisfaction_drivers": "standardised_coefficient",
    "kpi_savings_rate_monthly": "savings_rate",
    "kpi_support_service_weekly": "tickets_per_1k_active",
    "kpi_support_themes_daily": "tickets_per_10k_exposed",
    "kpi_targeting_weekly": "false_targeting_rate",
    "kpi_trust_weekly": "trust_score",
    "kpi_user_control_weekly": "accepted_rate",
}
_COLUMNS = """
    select table_name as mart, list(column_name) as columns
    from information_schema.columns
    where table_schema = 'marts' and starts_with(table_name, 'kpi_')
    group by table_name
    order by table_name
"""
_NOTHING = Remedy("No mart was built: see what dbt said of models/marts.")


def run(
    connection: duckdb.DuckDBPyConnection,
    *,
    published: Path,
    as_of: datetime,
    is_live: bool = True,
    thresholds: Path = DEFAULT_PATH,
) -> GateReport:
    """Judge every mart and write the gate's part of `gates.results`.

    Args:
        connection: the build database, with schema `marts`.
        published: folder of the last publish, with a `<mart>.parquet` each; may be absent.
        as_of: moment the marts look from, with its zone.
        is_live: whether any source still delivers; the age of a closed one says nothing.
        thresholds: the rules.

    Raises:
        ThresholdsError: the rules are not valid.
    """
    marts = read_frame(connection, _COLUMNS)
    rows = [
        _measure(connection, mart, set(columns), published=published, as_of=as_of, is_live=is_live)
        for mart, columns in zip(marts["mart"], marts["columns"], strict=True)
    ]
    frame = pd.DataFrame(rows)
    return judge(
        connection,
        GATE,
        frame,
        thresholds=thresholds,
        scopes=[] if frame.empty else [frame["subject"]],
        advise=_advise,
        nothing=_NOTHING,
    )


def _measure(
    connection: duckdb.DuckDBPyConnection,
    mart: str,
    columns: set[str],
    *,
    published: Path,
    as_of: datetime,
    is_live: bool,
) -> dict[str, object]:
    """Measure one mart; a figure that doesn't apply to it rests on 0 rows and is not judged."""
    headline = HEADLINES.get(mart)
    is_ripe = "is_mature" if "is_mature" in columns else "true"
    value = headline if headline in columns else "null"
    through = "max(data_through_date)" if "data_through_date" in columns else "cast(null as date)"
    figures = connection.execute(
        f"""
        select
            count(*),
            cast(cast(? as date) - {through} as bigint),
            count(case when {is_ripe} then 1 end),
            count(case when {is_ripe} and {value} is null then 1 end)
        from marts.{mart}
        """,
        [as_of.astimezone(UTC).date()],
    ).fetchall()[0]
    row_count, lag_days, ripe_count, withheld_count = figures
    published_count = _published_count(connection, published / f"{mart}.parquet")
    has_headline = headline in columns
    return {
        "subject": mart,
        "row_count": row_count,
        # An empty mart is judged too: it is one mart.
        "row_count__rows": 1,
        "row_count_ratio": row_count / published_count if published_count else None,
        "row_count_ratio__rows": published_count,
        "data_through_lag_days": lag_days,
        "data_through_lag_days__rows": row_count if is_live else 0,
        "headline_null_rate": withheld_count / ripe_count if has_headline and ripe_count else None,
        "headline_null_rate__rows": ripe_count if headline else 0,
        **measure_identity(connection, mart),
    }


def _published_count(connection: duckdb.DuckDBPyConnection, path: Path) -> int:
    if not path.exists():
        return 0
    counted = connection.execute("select count(*) from read_parquet(?)", [str(path)]).fetchall()
    return int(counted[0][0])


def _advise(verdict: Verdict) -> Remedy:
    model = f"models/marts/*/{verdict.subject}.sql"
    if verdict.status == "not_evaluated":
        return Remedy(f"See what {model} delivers: the figure could not be taken from it.")
    advice = {
        "row_count": f"See which source feeds {model} and whether trustlift.yml names it.",
        "row_count_ratio": (
            "See whether every source was read; if the loss is meant, move the published folder "
            "aside and run again."
        ),
        "data_through_lag_days": (
            "See whether the sources delivered. Mark a source that has ended as `closed: true`, or "
            "set `as_of` to where the data end."
        ),
        "headline_null_rate": f"See whether {model} gets its inputs and min_sample fits the data.",
        **IDENTITY_ADVICE,
    }
    text = advice.get(verdict.metric, f"See {model} and its inputs.")
    return Remedy(f"{text} The last published snapshot stays until then.")
