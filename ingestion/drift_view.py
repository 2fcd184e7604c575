"""Schema drift as dbt reads it: `raw.schema_drift`, from the manifests of what has landed."""

from collections.abc import Mapping
from datetime import datetime

import duckdb
import pyarrow as pa

from ingestion.manifest import Key, TableManifest

_DRIFT = pa.schema(
    [
        ("source_name", pa.string()),
        ("table_name", pa.string()),
        ("received_date", pa.string()),
        ("kind", pa.string()),
        ("field", pa.string()),
        ("expected", pa.string()),
        ("found", pa.string()),
        ("row_count", pa.int64()),
    ]
)


def register_drift(
    connection: duckdb.DuckDBPyConnection,
    manifests: Mapping[Key, TableManifest],
    *,
    until: datetime,
) -> None:
    """Create `raw.schema_drift`: one row per difference, with the date it was first received.

    Args:
        connection: The build database.
        manifests: What has landed; what was superseded drifts no more.
        until: Differences first received on a later date are not visible (UTC, naive).
    """
    rows = [
        {"source_name": source, "table_name": table} | drift.model_dump()
        for (source, table), manifest in manifests.items()
        for file in manifest.active
        for drift in file.drift
        if drift.received_date <= until.date().isoformat()
    ]
    connection.register("drift_rows", pa.Table.from_pylist(rows, schema=_DRIFT))
    connection.execute(
        """
        create or replace table raw.schema_drift as
        select
            source_name, table_name, cast(min(received_date) as date) as received_date, kind,
            field, expected, min(found) as found, cast(sum(row_count) as bigint) as row_count,
            count(*) as file_count
        from drift_rows
        group by source_name, table_name, kind, field, expected
        order by all
        """
    )
    connection.unregister("drift_rows")
