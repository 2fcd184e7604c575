"""The lake as dbt reads it: schema `raw`, one view per table of every contract.

The views name their files: thousands of partitions opened by a glob are listed anew whenever a
model is planned, and a glob would also see what an unfinished landing left behind.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from ingestion.batches import register_batches
from ingestion.columns import row_columns
from ingestion.contracts import SourceContract, TableContract
from ingestion.delivered_hours import register_delivered_hours
from ingestion.drift_view import register_drift
from ingestion.feeds import columns_layout, columns_of
from ingestion.journal import recover
from ingestion.lake import dated_files, table_folder
from ingestion.manifest import TableManifest, read_manifests
from ingestion.quarantine import register_quarantine
from ingestion.retention import first_kept
from ingestion.sql import dated_scan, identifier, timestamp_literal

_CONTRACTS = pa.schema(
    [
        ("source_name", pa.string()),
        ("table_name", pa.string()),
        ("canonical_table", pa.string()),
        ("owner", pa.string()),
        ("sla_hours", pa.int64()),
        ("expected_field_count", pa.int32()),
        ("is_closed", pa.bool_()),
        ("is_active", pa.bool_()),
    ]
)


def register_raw(
    connection: duckdb.DuckDBPyConnection,
    lake: Path,
    *,
    contracts: Mapping[str, SourceContract],
    as_of: datetime,
    closed_sources: frozenset[str] = frozenset(),
    rows_from: date | None = None,
) -> None:
    """Create schema `raw` over the lake as it stands.

    Args:
        connection: The build database, open for writing.
        lake: Root of the lake; one that does not exist is an empty one.
        contracts: The contracts by source.
        as_of: Rows received after it stay invisible. Aware.
        closed_sources: Sources that deliver no more, for `raw.contracts`.
        rows_from: First received date that retention keeps of what expires; None for all.

    Raises:
        ValueError: `as_of` has no time zone.
    """
    if as_of.tzinfo is None:
        raise ValueError(f"as_of = {as_of!r} must have a time zone. Give it in UTC.")
    recover(lake)
    lake = lake.resolve()
    until = as_of.astimezone(UTC).replace(tzinfo=None)
    manifests = read_manifests(lake)
    tables = [table for contract in contracts.values() for table in contract.tables.values()]
    connection.execute("create schema if not exists raw")
    shown = [(table, _files(lake, table, first_kept(table, rows_from), until)) for table in tables]
    for table, files in shown:
        manifest = manifests.get((table.source, table.name), TableManifest())
        view = f"raw.{identifier(f'{table.source}__{table.name}')}"
        sql = _rows(connection, table, files=files, manifest=manifest, until=until)
        connection.execute(f"create or replace view {view} as {sql}")
    register_batches(connection, shown, until=until)
    register_quarantine(connection, lake, tables, until=until, rows_from=rows_from)
    register_drift(connection, manifests, until=until)
    register_delivered_hours(connection, tables, manifests, until=until)
    _contracts(connection, tables, manifests=manifests, closed_sources=closed_sources)


def _rows(
    connection: duckdb.DuckDBPyConnection,
    table: TableContract,
    *,
    files: Sequence[tuple[str, Path]],
    manifest: TableManifest,
    until: datetime,
) -> str:
    columns = row_columns(table) | {"received_date": "DATE"}
    if not files:
        empty = ", ".join(f"cast(null as {t}) as {identifier(n)}" for n, t in columns.items())
        return f"select {empty} where false"
    # A file that was gone when its contract changed still has the columns of the one before.
    layouts = {columns_of(file.layout) for file in manifest.active}
    is_uniform = layouts <= {columns_layout(table)}
    scan = dated_scan([path for _, path in files], union_by_name=not is_uniform)
    found = columns if is_uniform else _columns(connection, scan)
    selected = ", ".join(
        f"cast({identifier(n) if n in found else 'null'} as {t}) as {identifier(n)}"
        for n, t in columns.items()
    )
    return f"select {selected} from {scan} where _received_at <= {timestamp_literal(until)}"


def _contracts(
    connection: duckdb.DuckDBPyConnection,
    tables: list[TableContract],
    *,
    manifests: Mapping[tuple[str, str], TableManifest],
    closed_sources: frozenset[str],
) -> None:
    rows = [
        {
            "source_name": table.source,
            "table_name": table.name,
            "canonical_table": table.canonical,
            "owner": table.owner,
            "sla_hours": table.sla_hours,
            "expected_field_count": len(table.counted_fields),
            "is_closed": table.source in closed_sources,
            "is_active": any(
                file.landed_rows
                for file in manifests.get((table.source, table.name), TableManifest()).active
            ),
        }
        for table in tables
    ]
    connection.register("contract_rows", pa.Table.from_pylist(rows, schema=_CONTRACTS))
    connection.execute("create or replace table raw.contracts as select * from contract_rows")
    connection.unregister("contract_rows")


def _files(lake: Path, table: TableContract, since: str, until: datetime) -> list[tuple[str, Path]]:
    last = until.date().isoformat()
    found = dated_files(table_folder(lake, table.source, table.name))
    return [(day, path) for day, path in found if since <= day <= last]


def _columns(connection: duckdb.DuckDBPyConnection, scan: str) -> frozenset[str]:
    rows = connection.execute(f"describe select * from {scan}").fetchall()
    return frozenset(name for name, *_ in rows)
