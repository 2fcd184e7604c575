"""The gate on KPIs: does a figure say that the product does harm?

It never stops publishing: what is wrong here is not the data. One subject is what a row of a mart
is about, at its last period that is over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from expectations.gate import judge
from expectations.results import write_results
from expectations.thresholds import DEFAULT_PATH
from expectations.verdicts import GateReport, Remedy
from warehouse import read_frame

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

    from expectations.verdicts import Verdict

GATE: Final = "kpis"
# A row has the figure of its own mart; the other one rests on 0 rows and is not judged.
_FRAME = """
    select
        'helpfulness of ' || model_behaviour || ', ' || model_version || ', reason '
        || case when has_reason_shown then 'shown' else 'not shown' end as subject,
        'kpi_micro_feedback_weekly' as mart,
        cast(helpful_rate_denominator as bigint) as row_count,
        helpful_rate_ci_upper,
        cast(helpful_rate_denominator as bigint) as helpful_rate_ci_upper__rows,
        cast(null as double) as is_opt_out_rising,
        cast(0 as bigint) as is_opt_out_rising__rows
    from marts.kpi_micro_feedback_weekly
    where helpful_rate_ci_upper is not null
    qualify
        row_number() over (
            partition by model_behaviour, model_version, has_reason_shown
            order by week_start_date desc
        ) = 1
    union all
    select
        'opt-outs from ' || feature_id || ', ' || experiment_id || ', ' || variation_id as subject,
        'kpi_opt_out_daily' as mart,
        cast(opt_out_hazard_denominator as bigint) as row_count,
        null as helpful_rate_ci_upper,
        0 as helpful_rate_ci_upper__rows,
        cast(case when is_rising then 1 else 0 end as double) as is_opt_out_rising,
        cast(opt_out_hazard_denominator as bigint) as is_opt_out_rising__rows
    from marts.kpi_opt_out_daily
    where is_rising is not null
    qualify
        row_number() over (
            partition by feature_id, experiment_id, variation_id order by activity_date desc
        ) = 1
    order by subject
"""
_NOTHING = Remedy("No KPI has a figure yet.")


def run(connection: duckdb.DuckDBPyConnection, *, thresholds: Path = DEFAULT_PATH) -> GateReport:
    """Judge the last figures and write the gate's part of `gates.results`.

    A company without figures yet has nothing to be warned of, so nothing is judged then.

    Args:
        connection: the build database, with schema `marts`.
        thresholds: the rules.

    Raises:
        ThresholdsError: the rules are not valid.
    """
    frame = read_frame(connection, _FRAME)
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
    marts = {
        "helpful_rate_ci_upper": "kpi_micro_feedback_weekly",
        "is_opt_out_rising": "kpi_opt_out_daily",
    }
    return Remedy(
        f"See {marts.get(verdict.metric, 'the marts')} for when it began and whom it concerns; "
        "decide whether to pause the feature."
    )
