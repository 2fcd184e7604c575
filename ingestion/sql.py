"""Quote names and values for SQL that is composed from contracts."""

import glob
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path


def identifier(name: str) -> str:
    """Quote a name."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Quote a text."""
    return "'" + text.replace("'", "''") + "'"


def file_literal(path: Path) -> str:
    """Quote the path of one file: DuckDB would take `[1]` in it for a pattern."""
    return literal(glob.escape(str(path)))


def timestamp_literal(time: datetime) -> str:
    """Write a time without a zone."""
    return f"timestamp '{time.isoformat(sep=' ')}'"


def dated_scan(paths: Iterable[Path], *, union_by_name: bool = False) -> str:
    """Return SQL that reads lake files with their received dates."""
    listed = ", ".join(map(file_literal, paths))
    union = ", union_by_name = true" if union_by_name else ""
    return (
        f"read_parquet([{listed}], hive_partitioning = true, "
        f"hive_types = {{'received_date': date}}{union})"
    )
