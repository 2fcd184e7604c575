"""The batches that the views of the lake show: what one table received on one date.

A batch's fingerprint is of the lake files it consists of, of their columns, and of `as_of` where
that cuts through its day. Lake files are never edited, so a batch with the same fingerprint has
the same rows.
"""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from ingestion.contracts import TableContract
from ingestion.feeds import columns_layout
from ingestion.lake import dated_files, table_folder
from ingestion.retention import first_kept
from ingestion.sql import identifier, literal

_BATCHES = pa.schema(
    [
        ("source_name", pa.string()),
        ("table_name", pa.string()),
        ("received_date", pa.string()),
        ("fingerprint", pa.string()),
    ]
)


def register_batches(
    connection: duckdb.DuckDBPyConnection,
    lake: Path,
    tables: Sequence[TableContract],
    *,
    until: datetime,
    rows_from: date | None = None,
) -> None:
    """Create `raw.batches` beside the views of the tables.

    Args:
        connection: The build database, with the view of every table.
        lake: Root of the lake.
        tables: The tables.
        until: Rows received after it are not visible (UTC, naive).
        rows_from: First received date that retention keeps; None for all.
    """
    found = [
        (table, list(_fingerprints(lake, table, first_kept(table, rows_from), until)))
        for table in tables
    ]
    rows = [row for _, fingerprints in found for row in fingerprints]
    connection.register("batch_rows", pa.Table.from_pylist(rows, schema=_BATCHES))
    counts = " union all ".join(_counts(table) for table, rows in found if rows)
    connection.execute(
        f"""
        create or replace table raw.batches as
        with counts(source_name, table_name, received_date, row_count) as (
            {counts or "select '', '', date '0001-01-01', 0 where false"}
        )
        select source_name, table_name, cast(batch_rows.received_date as date) as received_date,
            fingerprint, cast(coalesce(counts.row_count, 0) as bigint) as row_count
        from batch_rows
        left join counts using (source_name, table_name, received_date)
        order by all
        """
    )
    connection.unregister("batch_rows")


def _counts(table: TableContract) -> str:
    return (
        f"select {literal(table.source)}, {literal(table.name)}, received_date, count(*) "
        f"from raw.{identifier(f'{table.source}__{table.name}')} group by received_date"
    )


def _fingerprints(
    lake: Path, table: TableContract, since: str, until: datetime
) -> Iterator[dict[str, str]]:
    files: dict[str, list[Path]] = {}
    for day, path in dated_files(table_folder(lake, table.source, table.name)):
        files.setdefault(day, []).append(path)
    last = until.date().isoformat()
    for day, paths in files.items():
        if not since <= day <= last:
            continue
        said = [columns_layout(table), *(_identity(path) for path in paths)]
        if day == last:
            said.append(until.isoformat())
        yield {
            "source_name": table.source,
            "table_name": table.name,
            "received_date": day,
            "fingerprint": hashlib.sha256("\n".join(said).encode()).hexdigest()[:32],
        }


def _identity(path: Path) -> str:
    # A lake that was deleted and landed anew gives its files the names of the ones before.
    status = path.stat()
    return f"{path.name} {status.st_size} {status.st_mtime_ns}"
