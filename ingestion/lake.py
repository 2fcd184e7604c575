"""Where things lie in the lake, and how a file there is replaced all at once."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq

from ingestion.durable import sync

_COUNTED = re.compile(r"[0-9]{8}-[0-9]+-([0-9]+)[.]parquet")
QUARANTINE = "_quarantine"
MANIFEST = "_manifest"
CACHE = "_cache"
"""What may be deleted at any time: it is only quicker with it."""

REJECTED = "_rejected"
ROW_ID_LINES = 2**32
"""Lines that a file may have: a row's id is `file_no * ROW_ID_LINES + line`."""


def table_folder(lake: Path, source: str, table: str) -> Path:
    """Return the folder of a table's landed rows."""
    return lake / source / table


def quarantine_folder(lake: Path, source: str, table: str) -> Path:
    """Return the folder of a table's quarantined rows."""
    return lake / QUARANTINE / source / table


def rejected_folder(lake: Path, source: str, table: str) -> Path:
    """Return the folder of a table's batches that were set aside."""
    return lake / QUARANTINE / REJECTED / source / table


def stat_cache_path(lake: Path, source: str) -> Path:
    """Return the file of what is known of a source's files."""
    return lake / CACHE / f"{source}.json"


def table_folders(lake: Path, source: str, table: str) -> tuple[Path, Path, Path]:
    """Return every folder that may hold rows of a table: landed, quarantined, set aside."""
    return (
        table_folder(lake, source, table),
        quarantine_folder(lake, source, table),
        rejected_folder(lake, source, table),
    )


def data_files(folder: Path) -> list[Path]:
    """Return the Parquet files of a table's folder by received date and name."""
    return [path for _, path in dated_files(folder)]


def dated_files(folder: Path) -> list[tuple[str, Path]]:
    """Return (received date, Parquet file) pairs of a table's folder, sorted."""
    return sorted(_dated_files(folder))


def row_count(path: Path) -> int:
    """Return the rows of a lake file."""
    named = _COUNTED.fullmatch(path.name)
    if named:
        return int(named[1])
    return int(pq.read_metadata(path).num_rows)


def _dated_files(folder: Path) -> Iterator[tuple[str, Path]]:
    # Thousands of partitions: scandir asks the system once a folder, glob once a file.
    if not folder.is_dir():
        return
    with os.scandir(folder) as partitions:
        for partition in partitions:
            key, _, date = partition.name.partition("=")
            if key != "received_date":
                continue
            with os.scandir(partition.path) as entries:
                for entry in entries:
                    if entry.name.endswith(".parquet"):
                        yield date, Path(entry.path)


def write_atomically(path: Path, content: bytes) -> None:
    """Replace a file's content: afterwards, also after a crash, it is wholly old or wholly new."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.draft")
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    sync(path.parent)


def remove(path: Path) -> None:
    """Delete a file if it is there, and its folder if that was the last one."""
    path.unlink(missing_ok=True)
    try:
        path.parent.rmdir()
    except OSError:
        return
