"""The register of pulls: how the last one of each live source ended."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import duckdb
import pyarrow as pa
from pydantic import AwareDatetime, BaseModel, ConfigDict, TypeAdapter

from ingestion.lake import write_atomically


class PullRecord(BaseModel):
    """How the last pull of a source ended.

    Attributes:
        state: `failed` if anything of it could not be read.
        message: What could not be read, and what to do; empty if nothing. Holds no data.
        attempted_at: When it began (UTC).
        succeeded_at: When the last one that read everything began; None before the first.
        rows: Rows that it delivered.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    state: Literal["succeeded", "failed"]
    message: str
    attempted_at: AwareDatetime
    succeeded_at: AwareDatetime | None
    rows: int


_REGISTER = TypeAdapter(dict[str, PullRecord])
_TABLE = pa.schema(
    [
        ("source_name", pa.string()),
        ("state", pa.string()),
        ("message", pa.string()),
        ("attempted_at", pa.timestamp("us", "UTC")),
        ("succeeded_at", pa.timestamp("us", "UTC")),
        ("row_count", pa.int64()),
    ]
)


def read_pulls(folder: Path) -> Mapping[str, PullRecord]:
    """Return how each source's last pull ended, by source; empty before the first pull."""
    path = _path(folder)
    return _REGISTER.validate_json(path.read_bytes()) if path.exists() else {}


def note_pull(folder: Path, source: str, record: PullRecord) -> None:
    """Replace a source's record."""
    records = dict(sorted({**read_pulls(folder), source: record}.items()))
    write_atomically(_path(folder), _REGISTER.dump_json(records, indent=1))


def register_pulls(
    connection: duckdb.DuckDBPyConnection, folder: Path, *, sources: frozenset[str]
) -> None:
    """Make the table `raw.pulls`: one row a live source that was pulled.

    Args:
        connection: The build database, open for writing.
        folder: Where pulls are kept.
        sources: The sources that are read live now.
    """
    rows = [
        {
            "source_name": source,
            "state": record.state,
            "message": record.message,
            "attempted_at": record.attempted_at,
            "succeeded_at": record.succeeded_at,
            "row_count": record.rows,
        }
        for source, record in read_pulls(folder).items()
        if source in sources
    ]
    connection.execute("create schema if not exists raw")
    connection.register("pull_rows", pa.Table.from_pylist(rows, schema=_TABLE))
    connection.execute("create or replace table raw.pulls as select * from pull_rows")
    connection.unregister("pull_rows")


def _path(folder: Path) -> Path:
    return folder / "_pulls.json"
