"""The hours that a source delivered a file for, so that silence can be told from a loss.

A vendor that writes a file for every hour, an empty one where nothing happened, says by a missing
file that something is missing.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

import duckdb
import pyarrow as pa

from ingestion.contracts import TableContract
from ingestion.manifest import Key, TableManifest
from ingestion.projection import path_start

_SCHEMA = pa.schema([("source_name", pa.string()), ("hour_start_at", pa.timestamp("us"))])


def register_delivered_hours(
    connection: duckdb.DuckDBPyConnection,
    tables: Iterable[TableContract],
    manifests: Mapping[Key, TableManifest],
    *,
    until: datetime,
) -> None:
    """Create `raw.delivered_hours`: a row per source and hour whose file has landed.

    Args:
        connection: The build database, with schema `raw`.
        tables: The contracts; those without `has_hourly_files` have no hours.
        manifests: What has landed.
        until: Later hours are not visible (UTC, naive).
    """
    hours = {
        (table.source, hour)
        for table in tables
        if table.has_hourly_files and table.received_path
        for hour in _hours(
            re.compile(table.received_path),
            manifests.get((table.source, table.name), TableManifest()),
        )
        if hour <= until
    }
    rows = [{"source_name": source, "hour_start_at": hour} for source, hour in sorted(hours)]
    connection.register("hour_rows", pa.Table.from_pylist(rows, schema=_SCHEMA))
    connection.execute("create or replace table raw.delivered_hours as select * from hour_rows")
    connection.unregister("hour_rows")


def _hours(pattern: re.Pattern[str], manifest: TableManifest) -> Iterator[datetime]:
    starts = (path_start(pattern, file.path) for file in manifest.active)
    return (start.replace(tzinfo=None) for start in starts if start is not None)
