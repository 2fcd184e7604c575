"""Read from the build database what a run found: figures against limits, ages, reasons, drift."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

import duckdb

from report.sparkline import Point, Sparkline, draw
from warehouse import show_figure

_FRESHNESS = """
    select
        batches.source_name, max(batches.received_date), max(batches.last_received_at),
        bool_and(contracts.is_closed)
    from core.fct_batch_hygiene as batches
    inner join raw.contracts as contracts
        on
            batches.source_name = contracts.source_name
            and batches.table_name = contracts.table_name
    group by batches.source_name
    order by batches.source_name
"""
# Of several tables on one date, the one nearest to its limit or furthest beyond it stands for all.
_SERIES = """
    with judged as (
        select
            source_name, metric, severity, owner, why, received_date, value, threshold_min,
            threshold_max, status <> 'passed' as has_failed,
            least(
                coalesce(threshold_max - value, cast('infinity' as double)),
                coalesce(value - threshold_min, cast('infinity' as double))
            ) as margin
        from gates.results
        where list_contains(?, gate) and received_date is not null and source_name is not null
    )

    select
        metric, source_name, severity, received_date, arg_min(value, margin), min(margin),
        bool_or(has_failed), count(*), count(*) filter (has_failed), min(threshold_min),
        max(threshold_max), min(owner), min(why)
    from judged
    group by metric, source_name, severity, received_date
    order by metric, source_name, severity, received_date
"""
_BREACHES = """
    select
        subject, metric, value, threshold_min, threshold_max, severity, status, owner, why
    from gates.results
    where list_contains(?, gate) and status <> 'passed'
    order by severity, gate, received_date desc, subject, metric, threshold_min, threshold_max
"""
_WHOLES = """
    select
        subject, metric, value, threshold_min, threshold_max, severity, status, owner, why
    from gates.results
    where list_contains(?, gate) and received_date is null
    order by gate desc, subject, metric, severity, threshold_min, threshold_max
"""
_QUARANTINED = """
    select source_name, table_name, reason, kind, count(*), max(received_date)
    from raw.quarantined_rows
    where kind <> 'erased'
    group by source_name, table_name, reason, kind
    order by source_name, table_name, reason, kind
"""
_DRIFT = """
    select
        source_name, table_name, kind, field, expected, found, row_count, file_count, received_date
    from raw.schema_drift
    order by source_name, table_name, kind, field, expected
"""


@dataclass(frozen=True, kw_only=True)
class Freshness:
    """How old a source's newest row was; `hours` is None for a source that is closed."""

    source: str
    data_through: date
    hours: float | None


@dataclass(frozen=True, kw_only=True)
class Breach:
    """A rule's word on one subject, as the gate wrote it."""

    subject: str
    metric: str
    value: float | None
    limit: str
    severity: str
    status: str
    owner: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule in one source over its received dates.

    Attributes:
        metric: What is judged.
        source: In which source.
        severity: Whether a failure stops publishing.
        limit: In words.
        owner: Who answers for it.
        why: Why the limit is what it is.
        first: First received date judged.
        last: Last one.
        judged: Verdicts given.
        failed: Those that did not pass.
        newest: The figure of the last date.
        worst: The figure nearest to the limit, or furthest beyond it.
        line: The figure over the dates.
    """

    metric: str
    source: str
    severity: str
    limit: str
    owner: str
    why: str
    first: date
    last: date
    judged: int
    failed: int
    newest: float | None
    worst: float | None
    line: Sparkline


@dataclass(frozen=True, kw_only=True)
class QuarantineReason:
    """Rows of one table that are not read for one reason."""

    source: str
    table: str
    reason: str
    kind: str
    rows: int
    last: date


@dataclass(frozen=True, kw_only=True)
class Difference:
    """What a table's files have that its contract does not say, or lack of what it says.

    Attributes:
        source: Whose files.
        table: Of which table.
        kind: How they differ.
        field: The column.
        expected: What the contract says of it; None where it says nothing.
        found: What the files have: names and types.
        rows: Rows that show it.
        files: Files that show it.
        since: The first date on which such a row was received.
    """

    source: str
    table: str
    kind: str
    field: str
    expected: str | None
    found: str
    rows: int
    files: int
    since: date


@dataclass(frozen=True, kw_only=True)
class Findings:
    """All that one run found; empty where the run did not come so far."""

    freshness: Sequence[Freshness] = ()
    rules: Sequence[Rule] = ()
    breaches: Sequence[Breach] = ()
    wholes: Sequence[Breach] = ()
    quarantined: Sequence[QuarantineReason] = ()
    drift: Sequence[Difference] = ()


def find(
    connection: duckdb.DuckDBPyConnection,
    *,
    as_of: datetime,
    gates: Collection[str],
    has_hygiene: bool,
) -> Findings:
    """Read a run's findings.

    Args:
        connection: The build database.
        as_of: The moment the run looked from. Aware.
        gates: Gates that judged in this run; what others left behind is not of it.
        has_hygiene: Whether this run judged its rows.
    """
    named = [sorted(gates)]
    return Findings(
        freshness=_freshness(connection, as_of) if has_hygiene else (),
        quarantined=_quarantined(connection) if has_hygiene else (),
        drift=_drift(connection) if has_hygiene else (),
        rules=_rules(connection.execute(_SERIES, named).fetchall()) if gates else (),
        breaches=_breaches(connection.execute(_BREACHES, named).fetchall()) if gates else (),
        wholes=_breaches(connection.execute(_WHOLES, named).fetchall()) if gates else (),
    )


def _freshness(connection: duckdb.DuckDBPyConnection, as_of: datetime) -> list[Freshness]:
    moment = as_of.replace(tzinfo=None)
    return [
        Freshness(
            source=source,
            data_through=through,
            hours=None if is_closed else (moment - received_at).total_seconds() / 3600,
        )
        for source, through, received_at, is_closed in connection.execute(_FRESHNESS).fetchall()
    ]


def _quarantined(connection: duckdb.DuckDBPyConnection) -> list[QuarantineReason]:
    return [
        QuarantineReason(source=source, table=table, reason=reason, kind=kind, rows=rows, last=last)
        for source, table, reason, kind, rows, last in connection.execute(_QUARANTINED).fetchall()
    ]


def _drift(connection: duckdb.DuckDBPyConnection) -> list[Difference]:
    return [
        Difference(
            source=source,
            table=table,
            kind=kind.replace("_", " "),
            field=field,
            expected=expected,
            found=found,
            rows=rows,
            files=files,
            since=since,
        )
        for source, table, kind, field, expected, found, rows, files, since in connection.execute(
            _DRIFT
        ).fetchall()
    ]


def _rules(rows: Sequence[tuple[Any, ...]]) -> list[Rule]:
    groups = groupby(rows, key=lambda row: row[:3])
    return [_rule(key, list(found)) for key, found in groups]


def _rule(key: tuple[str, str, str], rows: Sequence[tuple[Any, ...]]) -> Rule:
    metric, source, severity = key
    points = [Point(value=row[4], margin=row[5], has_failed=row[6]) for row in rows]
    newest = rows[-1]
    low, high = newest[9], newest[10]
    measured = [point for point in points if point.value is not None and point.margin is not None]
    worst = min(measured, key=lambda point: point.margin or 0.0, default=None)
    return Rule(
        metric=metric,
        source=source,
        severity=severity,
        limit=_limit(low, high),
        owner=newest[11],
        why=newest[12],
        first=rows[0][3],
        last=newest[3],
        judged=sum(row[7] for row in rows),
        failed=sum(row[8] for row in rows),
        newest=newest[4],
        worst=worst.value if worst else None,
        line=draw(points, limits=[limit for limit in (low, high) if limit is not None]),
    )


def _breaches(rows: Sequence[tuple[Any, ...]]) -> list[Breach]:
    return [
        Breach(
            subject=subject,
            metric=metric,
            value=value,
            limit=_limit(low, high),
            severity=severity,
            status=status.replace("_", " "),
            owner=owner,
            why=why,
        )
        for subject, metric, value, low, high, severity, status, owner, why in rows
    ]


def _limit(low: float | None, high: float | None) -> str:
    bounds = {"at least": low, "at most": high}
    return " and ".join(
        f"{word} {show_figure(bound)}" for word, bound in bounds.items() if bound is not None
    )
