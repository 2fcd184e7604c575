"""Writing helpers that several sources share: daily JSON lines, and reference CSV."""

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from simulation.jsontext import starts, write_gzip
from simulation.parameters import DAY, HOUR, SECOND
from simulation.randomness import Array, Ints


def day_name(day: int) -> str:
    """Name a day (days since 1970) as YYYY-MM-DD."""
    return str(np.datetime64(day, "D"))


def seconds_text(micros: int) -> str:
    """Write microseconds as 'YYYY-MM-DD HH:MM:SS'."""
    return str(np.datetime64(micros // SECOND, "s")).replace("T", " ")


def next_extract(ready: Ints, first: int) -> Ints:
    """Give the daily extract, at 23:00 and none before `first`, that takes each row along."""
    return np.maximum(-((-ready - HOUR) // DAY) * DAY - HOUR, first)


def write_daily_lines(
    folder: Path, table: str, chunk: int, rows: pa.Array, received: Ints
) -> tuple[Array, list[str], Array]:
    """Write JSON lines, in order of receipt, to `<table>/<received date>/part-<chunk>.jsonl.gz`.

    Returns:
        Each row's file (position in the names), the names below `folder`, each row's line from 1.
    """
    day = received // DAY
    firsts = starts(day)
    files = [f"{table}/{day_name(int(day[first]))}/part-{chunk:05d}.jsonl.gz" for first in firsts]
    file = np.repeat(np.arange(len(firsts)), np.diff(np.append(firsts, len(day))))
    write_gzip(rows, firsts, lambda first: folder / files[file[first]])
    return file, files, np.arange(len(day)) - firsts[file] + 1


def write_csv(path: Path, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Write a reference table; None becomes an empty field."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
