"""Open DuckDB the same way everywhere: DuckDB refuses a second opening of a file that differs."""

import os
from pathlib import Path

import duckdb

THREADS_VARIABLE = "TRUSTLIFT_THREADS"
"""Environment variable that limits the engine's threads."""

MEMORY_VARIABLE = "TRUSTLIFT_MEMORY_LIMIT"
"""Environment variable that limits the engine's memory, as `4GiB`; `profiles.yml` reads it too."""


def connect(path: Path | None, *, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    """Open a database whose sessions think in UTC.

    Args:
        path: The file; created with its folder when missing. None for one in memory.
        read_only: Open for reading: any number of processes may. Not for the build in a process
            that runs dbt, which keeps its own writing connection open.

    Returns:
        A connection. Close it before another process or dbt opens the file.

    Raises:
        ValueError: The environment's number of threads is no positive number.
        duckdb.IOException: Another process is writing to the file.
        duckdb.ConnectionException: This process has the file open in the other way.
    """
    threads = _threads()
    if path is not None and not read_only:
        path.parent.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect(":memory:" if path is None else str(path), read_only=read_only)
    if threads is not None:
        connection.execute(f"set threads = {threads}")
    if memory := os.environ.get(MEMORY_VARIABLE):
        connection.execute("set memory_limit = ?", [memory])
    connection.execute("set TimeZone = 'UTC'")
    return connection


def _threads() -> int | None:
    text = os.environ.get(THREADS_VARIABLE)
    if not text:
        return None
    if not text.isdigit() or int(text) < 1:
        raise ValueError(
            f"{THREADS_VARIABLE} = {text!r} must be a whole number of 1 or more. "
            "Correct it or remove the variable."
        )
    return int(text)
