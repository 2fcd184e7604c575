"""The files of a table as the engine reads them, and what is said of them."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa

from ingestion.sql import file_literal

_GROUP_BYTES = 64 * 2**20


def scan(paths: Sequence[Path]) -> str:
    """Return SQL that reads lake files, each row with the `_path` of its file."""
    listed = ", ".join(file_literal(path) for path in paths)
    return (
        f"read_parquet([{listed}], filename = '_path', hive_partitioning = false, "
        "union_by_name = true)"
    )


@contextmanager
def chosen(
    connection: duckdb.DuckDBPyConnection,
    keys: Sequence[int],
    gone: Mapping[int, int] | None = None,
) -> Iterator[None]:
    """Show rows to the engine as the table `chosen` (key, line) for the length of a block."""
    lines = [gone.get(key) for key in keys] if gone else [None] * len(keys)
    rows = {"key": pa.array(keys, pa.int64()), "line": pa.array(lines, pa.int64())}
    connection.register("chosen", pa.table(rows))
    try:
        yield
    finally:
        connection.unregister("chosen")


def in_groups_of_bytes(paths: Sequence[Path]) -> Iterator[list[Path]]:
    """Yield files in their order, as many together as fit in memory."""
    group: list[Path] = []
    size = 0
    for path in paths:
        group.append(path)
        size += path.stat().st_size
        if size >= _GROUP_BYTES:
            yield group
            group, size = [], 0
    if group:
        yield group


def digest_of(paths: Sequence[Path]) -> str:
    """Return a digest of the names and contents of files."""
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(f"{path.parent.name}/{path.name} {sha256_of(path)}\n".encode())
    return digest.hexdigest()


def sha256_of(path: Path) -> str:
    """Return the digest of a file's content."""
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
