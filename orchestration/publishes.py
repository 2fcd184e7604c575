"""Remember every publish, so that a row's way from receipt to analysts can be measured.

A line a publish, appended when it has happened: it names the last file that had landed, and file
numbers only grow, so a file was first published by the first publish that names it or a later one.
"""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from ingestion.manifest import read_manifests

_SCHEMA = pa.schema(
    [
        ("published_at", pa.timestamp("us")),
        ("as_of", pa.timestamp("us")),
        ("last_file_no", pa.int64()),
    ]
)


def record_publish(path: Path, *, published_at: datetime, as_of: datetime, lake: Path) -> None:
    """Append a publish that has just happened.

    Args:
        path: The register of publishes.
        published_at: When, by the clock. Aware.
        as_of: The moment the snapshot looks from. Aware.
        lake: Root of the lake it was made of.
    """
    files = [file for manifest in read_manifests(lake).values() for file in manifest.files]
    line = {
        "published_at": published_at.astimezone(UTC).replace(tzinfo=None).isoformat(),
        "as_of": as_of.astimezone(UTC).replace(tzinfo=None).isoformat(),
        "last_file_no": max((file.file_no for file in files), default=0),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as register:
        # A line that a kill cut short is ended here, and skipped by the reader.
        register.write(f"\n{json.dumps(line)}\n")
        register.flush()
        os.fsync(register.fileno())


def register_publishes(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Write `raw.publishes`: every publish so far.

    Args:
        connection: The build database, open for writing.
        path: The register of publishes; may be absent.
    """
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    rows = [row for line in lines if (row := _read(line)) is not None]
    connection.register("publish_rows", pa.Table.from_pylist(rows, schema=_SCHEMA))
    connection.execute("create schema if not exists raw")
    connection.execute("create or replace table raw.publishes as select * from publish_rows")
    connection.unregister("publish_rows")


def _read(line: str) -> dict[str, object] | None:
    try:
        row = json.loads(line)
        return {
            "published_at": datetime.fromisoformat(row["published_at"]),
            "as_of": datetime.fromisoformat(row["as_of"]),
            "last_file_no": int(row["last_file_no"]),
        }
    except (ValueError, TypeError, KeyError):
        return None
