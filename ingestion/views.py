"""The lake as dbt reads it: schema `raw`, one view per table of every contract.

The views name their files: thousands of partitions opened by a glob are listed anew whenever a
model is planned, and a glob would also see what an unfinished landing left behind.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from ingestion.batches import register_batches
from ingestion.columns import row_columns
from ingestion.contracts import SourceContract, TableContract
from ingestion.feeds import has_columns_of
from ingestion.journal import recover
from ingestion.lake import dated_files, quarantine_folder, rejected_folder, table_folder
from ingestion.manifest import TableManifest, read_manifests
from ingestion.rejections import Rejection, read_rejections
from ingestion.retention import first_kept
from ingestion.sql import file_literal, identifier, literal
from ingestion.withdrawal import SUPERSEDED

_QUARANTINED = {
    "source_name": "varchar",
    "table_name": "varchar",
    "received_date": "date",
    "_received_at": "timestamp",
    "_row_id": "bigint",
    "reason": "varchar",
    "kind": "varchar",
}
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
    until = as_of.astimezone(UTC).replace(tzinfo=None)
    manifests = read_manifests(lake)
    tables = [table for contract in contracts.values() for table in contract.tables.values()]
    connection.execute("create schema if not exists raw")
    for table in tables:
        manifest = manifests.get((table.source, table.name), TableManifest())
        view = f"raw.{identifier(f'{table.source}__{table.name}')}"
        since = first_kept(table, rows_from)
        sql = _rows(connection, lake.resolve(), table, manifest=manifest, since=since, until=until)
        connection.execute(f"create or replace view {view} as {sql}")
    register_batches(connection, lake, tables, until=until, rows_from=rows_from)
    _quarantined_rows(connection, lake, tables, until=until, rows_from=rows_from)
    _contracts(connection, tables, manifests=manifests, closed_sources=closed_sources)


def _rows(
    connection: duckdb.DuckDBPyConnection,
    lake: Path,
    table: TableContract,
    *,
    manifest: TableManifest,
    since: str,
    until: datetime,
) -> str:
    columns = row_columns(table) | {"received_date": "DATE"}
    paths = _paths(table_folder(lake, table.source, table.name), since, until)
    if not paths:
        empty = ", ".join(f"cast(null as {t}) as {identifier(n)}" for n, t in columns.items())
        return f"select {empty} where false"
    # A file that was gone when its contract changed still has the columns of the one before.
    is_uniform = all(has_columns_of(file.layout, table) for file in manifest.active)
    scan = _scan(paths, union_by_name=not is_uniform)
    found = columns if is_uniform else _columns(connection, scan)
    selected = ", ".join(
        f"cast({identifier(n) if n in found else 'null'} as {t}) as {identifier(n)}"
        for n, t in columns.items()
    )
    return f"select {selected} from {scan} where _received_at <= {_timestamp(until)}"


def _quarantined_rows(
    connection: duckdb.DuckDBPyConnection,
    lake: Path,
    tables: list[TableContract],
    *,
    until: datetime,
    rows_from: date | None,
) -> None:
    columns = ", ".join(f"{name} {type_}" for name, type_ in _QUARANTINED.items())
    connection.execute(f"create or replace table raw.quarantined_rows ({columns})")
    rejections = read_rejections(lake)
    for table in tables:
        for sql in _quarantined(lake, table, rejections, first_kept(table, rows_from), until):
            connection.execute(
                f"insert into raw.quarantined_rows select {literal(table.source)}, "
                f"{literal(table.name)}, received_date, _received_at, _row_id, {sql} "
                f"where _received_at <= {_timestamp(until)}"
            )


def _quarantined(
    lake: Path, table: TableContract, rejections: Iterable[Rejection], since: str, until: datetime
) -> Iterator[str]:
    malformed = _paths(quarantine_folder(lake, table.source, table.name), since, until)
    if malformed:
        aside = " or ".join(
            f"received_date = {literal(one.received_date)} and _file_no <= {one.last_file_no}"
            for one in rejections
            if one.table == (table.source, table.name)
        )
        kind = (
            f"case when reason = {literal(SUPERSEDED)} then 'superseded' "
            f"when {aside or 'false'} then 'rejected' else 'malformed' end"
        )
        yield f"reason, {kind} from {_scan(malformed)}"
    rejected = _paths(rejected_folder(lake, table.source, table.name), since, until)
    if rejected:
        # Only what every version of the table has is read: no need to unite the columns.
        yield f"'rejected_batch', 'rejected' from {_scan(rejected)}"


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


def _paths(folder: Path, since: str, until: datetime) -> list[Path]:
    last = until.date().isoformat()
    return [path for day, path in dated_files(folder) if since <= day <= last]


def _scan(paths: list[Path], *, union_by_name: bool = False) -> str:
    listed = ", ".join(file_literal(path) for path in paths)
    union = ", union_by_name = true" if union_by_name else ""
    return (
        f"read_parquet([{listed}], hive_partitioning = true, "
        f"hive_types = {{'received_date': date}}{union})"
    )


def _columns(connection: duckdb.DuckDBPyConnection, scan: str) -> frozenset[str]:
    rows = connection.execute(f"describe select * from {scan}").fetchall()
    return frozenset(name for name, *_ in rows)


def _timestamp(time: datetime) -> str:
    return f"timestamp '{time.isoformat(sep=' ')}'"
