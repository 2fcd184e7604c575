"""The stage: sums and experiments' conclusions in, verdicts and the log of them out."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import UTC
from itertools import groupby
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from verdicts.history import read_log, revised, write_log
from verdicts.machine import verdicts
from verdicts.readouts import FeatureReadouts, readouts_of
from verdicts.rows import WEEKLY, rows_of
from verdicts.weeks import Readout, Week
from warehouse import read_table, write_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    import duckdb

    from verdicts.policy import VerdictPolicy

_READ_ELSEWHERE = {"readout", "theme_spike_count"}
_COLUMNS = tuple(one.name for one in fields(Week) if one.name not in _READ_ELSEWHERE)
_WEEKS = f"""
    select feature_id, {", ".join(_COLUMNS)}
    from marts.sums_feature_verdict_inputs
    order by feature_id, week_start_date
"""
_SPIKES = """
    select
        feature_id,
        cast(date_trunc('week', activity_date) as date) as week_start_date,
        count(*) as theme_spike_count
    from inference.theme_spikes
    where is_spike and theme <> 'other'
    group by all
"""
_EXPERIMENTS = "from inference.experiment_weeks where feature_id is not null"


@dataclass(frozen=True)
class IssuedVerdicts:
    """What a run did.

    Attributes:
        feature_count: Features with a verdict.
        week_count: Verdicts.
        changed_count: Verdicts other than the week before.
        correction_count: Verdicts that this run corrects.
        by_verdict: Features by their last verdict.
    """

    feature_count: int
    week_count: int
    changed_count: int
    correction_count: int
    by_verdict: Mapping[str, int]


def run(
    connection: duckdb.DuckDBPyConnection,
    log: Path,
    candidate: Path,
    *,
    as_of: datetime,
    policy: VerdictPolicy,
) -> IssuedVerdicts:
    """Judge every feature and week, and write the tables of schema `verdicts`.

    Args:
        connection: The build database, with `marts.sums_feature_verdict_inputs` and `inference`.
        log: What was said by the last publish; only read.
        candidate: Written; it becomes the log when the run publishes.
        as_of: The moment the run looks from.
        policy: The numbers.

    Raises:
        ValueError: A feature lacks a week, or the log can't be read.
    """
    rows = list(_judged(connection, policy))
    before = read_log(log)
    moment = as_of.astimezone(UTC).replace(tzinfo=None)
    history = revised(before, rows, issued_as_of=moment)
    write_log(candidate, history)
    write_table(connection, "verdicts.weekly", pa.Table.from_pylist(rows, schema=WEEKLY))
    write_table(connection, "verdicts.history", history)
    last = {row["feature_id"]: str(row["verdict"]) for row in rows}
    verdicts_now = sorted(last.values())
    corrected = history.num_rows - before.num_rows - _new_weeks(before, rows)
    return IssuedVerdicts(
        feature_count=len(last),
        week_count=len(rows),
        changed_count=sum(bool(row["is_changed"]) for row in rows),
        correction_count=corrected,
        by_verdict={name: len(list(same)) for name, same in groupby(verdicts_now)},
    )


def _judged(
    connection: duckdb.DuckDBPyConnection, policy: VerdictPolicy
) -> Iterator[dict[str, object]]:
    spikes = {
        (row["feature_id"], row["week_start_date"]): row["theme_spike_count"]
        for row in _rows(connection, _SPIKES)
    }
    experiments = readouts_of(_rows(connection, _EXPERIMENTS))
    weeks = _rows(connection, _WEEKS)
    for feature_id, told in groupby(weeks, key=lambda row: str(row["feature_id"])):
        readouts = experiments.get(feature_id, FeatureReadouts())
        known = [_week(row, readouts, spikes) for row in told]
        yield from rows_of(feature_id, verdicts(known, policy=policy), policy=policy)


def _week(
    row: Mapping[str, Any], readouts: FeatureReadouts, spikes: Mapping[tuple[str, Any], int]
) -> Week:
    week = row["week_start_date"]
    counts = {name: row[name] for name in _COLUMNS}
    counts["has_fix"] = row["has_fix"] or week in readouts.fixes
    counts["has_pivot"] = row["has_pivot"] or week in readouts.pivots
    return Week(
        **counts,
        theme_spike_count=spikes.get((row["feature_id"], week), 0),
        readout=readouts.by_week.get(week, Readout()),
    )


def _rows(connection: duckdb.DuckDBPyConnection, sql: str) -> list[dict[str, Any]]:
    """Read rows with missing values as None: a frame would turn them into numbers."""
    return list(read_table(connection, sql).to_pylist())


def _new_weeks(log: pa.Table, rows: list[dict[str, object]]) -> int:
    columns = zip(log["feature_id"].to_pylist(), log["week_start_date"].to_pylist(), strict=True)
    said = set(columns)
    return sum((row["feature_id"], row["week_start_date"]) not in said for row in rows)
