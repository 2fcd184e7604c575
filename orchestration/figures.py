"""Figures of a run, read from the build database."""

from collections.abc import Collection

from duckdb import DuckDBPyConnection

from orchestration.segments import BATCH_GATE, MART_GATE
from report import SourceRows
from warehouse import IS_MART, counted

GATES = {"batches": BATCH_GATE, "sources": BATCH_GATE, "marts": MART_GATE, "kpis": MART_GATE}
REASONS = ("quarantined", "duplicate", "bot", "test", "expired_session", "stale", "erased")


def source_rows(connection: DuckDBPyConnection) -> tuple[SourceRows, ...]:
    """Add up each source's batches."""
    sums = ", ".join(f"sum({reason}_count)" for reason in REASONS)
    found = connection.execute(
        f"select source_name, sum(received_count), sum(kept_count), {sums} "
        "from core.fct_batch_hygiene group by source_name order by source_name"
    ).fetchall()
    return tuple(
        SourceRows(
            source=source,
            received=int(received),
            kept=int(kept),
            excluded={
                reason: int(count) for reason, count in zip(REASONS, counts, strict=True) if count
            },
        )
        for source, received, kept, *counts in found
    )


def mart_rows(connection: DuckDBPyConnection) -> dict[str, int]:
    """Count the rows of each published mart."""
    marts = connection.execute(
        "select table_name from information_schema.tables "
        f"where table_schema = 'marts' and {IS_MART} order by table_name"
    ).fetchall()
    return {
        mart: connection.execute(f'select count(*) from marts."{mart}"').fetchall()[0][0]
        for (mart,) in marts
    }


def drifted_tables(connection: DuckDBPyConnection) -> dict[str, str]:
    """Say of each table whose columns are no longer those of its contract what is different.

    Values that do not fit are left to the gates, which judge their rate.
    """
    found = connection.execute(
        "select source_name || '/' || table_name, replace(kind, '_', ' '), field, found, "
        "cast(sum(row_count) as bigint) from raw.schema_drift where kind <> 'unfit_value' "
        "group by all order by all"
    ).fetchall()
    changes: dict[str, list[str]] = {}
    for table, kind, field, columns, rows in found:
        seen = "" if kind == "new column" else f", found {columns}"
        changes.setdefault(table, []).append(f"{kind} {field}{seen} ({counted(rows, 'row')})")
    return {table: "; ".join(said) for table, said in changes.items()}


def gate_counts(connection: DuckDBPyConnection, built: Collection[str]) -> dict[str, int]:
    """Count what the gates that ran found, by gate, severity and status."""
    gates = [gate for gate, stage in GATES.items() if stage in built]
    found = connection.execute(
        "select gate || ' ' || case when status = 'passed' then status "
        "else severity || ' ' || status end as finding, count(*) from gates.results "
        "where list_contains(?, gate) group by finding order by finding",
        [gates],
    ).fetchall()
    return dict(found)
