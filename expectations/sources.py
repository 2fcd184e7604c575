"""The gate on sources: is each still delivering, and all it usually does?

One subject is a source, for its age; or a source on one received date, for the hours that are
missing of it. Nothing here stops publishing: nobody can set aside what did not come, one late
source must not freeze what the others say, and what it feeds is marked as degraded instead.
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

GATE: Final = "sources"
# A row of a source has no gaps to judge, a row of its day no age: such a figure rests on 0 rows.
_FRAME = """
    select
        source_name as subject,
        source_name,
        cast(null as date) as received_date,
        1 as row_count,
        freshness_hours,
        case when is_closed then 0 else 1 end as freshness_hours__rows,
        cast(null as double) as gap_hour_count,
        0 as gap_hour_count__rows
    from core.fct_source_freshness
    union all
    select
        source_name || '/' || strftime(received_date, '%Y-%m-%d') as subject,
        source_name,
        received_date,
        cast(received_count as bigint) as row_count,
        null as freshness_hours,
        0 as freshness_hours__rows,
        cast(gap_hour_count as double) as gap_hour_count,
        judged_hour_count as gap_hour_count__rows
    from (
        select
            source_name,
            cast(hour_start_at as date) as received_date,
            sum(received_count) as received_count,
            count(least_count) as judged_hour_count,
            count(case when is_gap then 1 end) as gap_hour_count
        from core.fct_volume_gaps
        group by all
    )
    where judged_hour_count > 0
    order by subject
"""
_NOTHING = Remedy(
    "Nothing was received: see that trustlift.yml points at folders with exports.",
    ("trustlift status",),
)


def run(connection: duckdb.DuckDBPyConnection, *, thresholds: Path = DEFAULT_PATH) -> GateReport:
    """Judge every source and write the gate's part of `gates.results`.

    Args:
        connection: the build database, with `core.fct_source_freshness` and `core.fct_volume_gaps`.
        thresholds: the rules.

    Raises:
        ThresholdsError: the rules are not valid.
    """
    frame = read_frame(connection, _FRAME)
    return judge(
        connection,
        GATE,
        frame,
        thresholds=thresholds,
        scopes=[frame["source_name"]],
        advise=_advise,
        nothing=_NOTHING,
    )


def _advise(verdict: Verdict) -> Remedy:
    if verdict.metric == "freshness_hours":
        return Remedy(
            "See whether the export still runs and reaches its folder; days on which nothing is "
            "due are `due_days` and `quiet_days` of the source in trustlift.yml, and one that has "
            "ended is `closed: true`."
        )
    return Remedy(
        "See kpi_volume_gaps_hourly for the hours. Have the source send them again; a holiday is "
        "one of its `quiet_days` in trustlift.yml."
    )
