"""Pages of an API as a puller saved them: `<table>/<day>/page-0001.json`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from simulation.randomness import Array
from simulation.writers.files import day_name

PAGE_SIZE = 1_000


@dataclass(frozen=True)
class Page:
    """A page to lay out: its records, its cursor, whether it is the day's last."""

    records: list[Any]
    cursor: str
    is_last: bool


Envelope = Callable[[Page], dict[str, Any]]


class Pages:
    """Writes a table's pages chunk by chunk; each chunk begins pages of its own.

    Args:
        folder: The source's folder.
        table: Folder of the table below it.
        records_name: Key of the records in a page.
        envelope: Lays out a page as the API returns it.
    """

    def __init__(self, folder: Path, table: str, records_name: str, envelope: Envelope) -> None:
        self._folder = folder
        self._table = table
        self._records_name = records_name
        self._envelope = envelope
        self._count: dict[str, int] = {}

    def append(self, days: Array, records: Sequence[Any]) -> tuple[Array, list[str], Array]:
        """Write records, ordered by day of the pull (days since 1970).

        Returns:
            Each record's file (position in the names), the names, each record's place from 1.
        """
        files: list[str] = []
        file = np.zeros(len(records), dtype=np.int64)
        line = np.zeros(len(records), dtype=np.int64)
        bounds: list[int] = np.flatnonzero(np.diff(days, prepend=-1, append=-1)).tolist()
        for begin, end in pairwise(bounds):
            day = day_name(int(days[begin]))
            for first in range(begin, end, PAGE_SIZE):
                last = min(first + PAGE_SIZE, end)
                number = self._count[day] = self._count.get(day, 0) + 1
                self._write(list(records[first:last]), day, number, is_last=False)
                file[first:last] = len(files)
                line[first:last] = np.arange(last - first) + 1
                files.append(self._name(day, number))
        return file, files, line

    def close(self) -> None:
        """Mark the last page of each day as the last."""
        for day, number in self._count.items():
            page = orjson.loads((self._folder / self._name(day, number)).read_bytes())
            self._write(page[self._records_name], day, number, is_last=True)

    def _name(self, day: str, number: int) -> str:
        return f"{self._table}/{day}/page-{number:04d}.json"

    def _write(self, records: list[Any], day: str, number: int, *, is_last: bool) -> None:
        path = self._folder / self._name(day, number)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(
            orjson.dumps(self._envelope(Page(records, f"{day}-{number:04d}", is_last)))
        )
