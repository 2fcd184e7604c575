"""The batches that the views of the lake show: what one table received on one date.

A batch's fingerprint is of the lake files it consists of, of their columns, and of `as_of` where
that cuts through its day. Lake files are never edited, so a batch with the same fingerprint has
the same rows.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from ingestion.contracts import TableContract
from ingestion.feeds import columns_layout
from ingestion.lake import row_count
from ingestion.sql import identifier

_BATCHES = pa.schema(
    [
        ("source_name", pa.string()),
        ("table_name", pa.string()),
        ("received_date", pa.string()),
        ("fingerprint", pa.string()),
        ("row_count", pa.int64()),
    ]
)


def register_batches(
    connection: duckdb.DuckDBPyConnection,
    tables: Iterable[tuple[TableContract, Sequence[tuple[str, Path]]]],
    *,
    until: datetime,
) -> None:
    """Create `raw.batches` beside the views of the tables.

    Args:
        connection: The build database, with the view of every table.
        tables: The tables, each with the (received date, lake file) pairs that its view reads.
        until: Rows received after it are not visible (UTC, naive).
    """
    rows = [row for table, files in tables for row in _batches(table, files, until)]
    for row in rows:
        if row["received_date"] == until.date().isoformat():
            row["row_count"] = _visible_rows(connection, row)
    connection.register("batch_rows", pa.Table.from_pylist(rows, schema=_BATCHES))
    connection.execute(
        "create or replace table raw.batches as "
        "select * replace (cast(received_date as date) as received_date) from batch_rows"
    )
    connection.unregister("batch_rows")


def _batches(
    table: TableContract, files: Sequence[tuple[str, Path]], until: datetime
) -> Iterator[dict[str, Any]]:
    columns = columns_layout(table)
    for day, dated in groupby(files, key=itemgetter(0)):
        paths = [path for _, path in dated]
        said = [columns, *(_identity(path) for path in paths)]
        if day == until.date().isoformat():
            said.append(until.isoformat())
        yield {
            "source_name": table.source,
            "table_name": table.name,
            "received_date": day,
            "fingerprint": hashlib.sha256("\n".join(said).encode()).hexdigest()[:32],
            "row_count": sum(map(row_count, paths)),
        }


def _identity(path: Path) -> str:
    # A lake that was deleted and landed anew gives its files the names of the ones before.
    status = path.stat()
    return f"{path.name} {status.st_size} {status.st_mtime_ns}"


def _visible_rows(connection: duckdb.DuckDBPyConnection, batch: dict[str, Any]) -> int:
    view = identifier(f"{batch['source_name']}__{batch['table_name']}")
    found = connection.execute(
        f"select count(*) from raw.{view} where received_date = cast(? as date)",
        [batch["received_date"]],
    ).fetchall()
    return int(found[0][0])
