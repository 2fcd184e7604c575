"""The gate on batches: is each delivery fit to be counted?

One row is one source's table on one received date, so that a bad day can't hide among good ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from expectations.gate import judge
from expectations.thresholds import DEFAULT_PATH
from expectations.verdicts import Remedy
from warehouse import read_frame

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

    from expectations.verdicts import GateReport, Verdict

GATE: Final = "batches"
_FRAME = """
    select
        source_name || '/' || table_name || '/' || strftime(received_date, '%Y-%m-%d') as subject,
        judged_count as row_count,
        -- A week of days before it is needed to know what is usual.
        case when usual_bot_day_count >= 7 then judged_count else 0 end as bot_rate_rise__rows,
        *
    from core.fct_batch_hygiene
    order by source_name, table_name, received_date
"""
_NOTHING = Remedy(
    "No batch was received: see that trustlift.yml points at folders with exports.",
    ("trustlift status",),
)


def run(connection: duckdb.DuckDBPyConnection, *, thresholds: Path = DEFAULT_PATH) -> GateReport:
    """Judge every batch and write the gate's part of `gates.results`.

    Args:
        connection: the build database, with `core.fct_batch_hygiene`.
        thresholds: the rules.

    Raises:
        ThresholdsError: the rules are not valid.
        ValueError: a batch is there twice.
    """
    frame = read_frame(connection, _FRAME)
    tables = frame["source_name"] + "/" + frame["table_name"]
    return judge(
        connection,
        GATE,
        frame,
        thresholds=thresholds,
        scopes=[tables, frame["source_name"]],
        advise=_advise,
        nothing=_NOTHING,
    )


def _advise(verdict: Verdict) -> Remedy:
    if verdict.status == "not_evaluated":
        return Remedy(
            f"See what core.fct_batch_hygiene holds in {verdict.metric}; nothing is published on "
            "a figure that nobody could check."
        )
    return Remedy(
        "Have the source send the batch again, corrected; or set it aside with "
        f"`trustlift reject {verdict.subject}`, which counts it as quarantined and can be undone.",
        (f"trustlift reject {verdict.subject}",),
    )
