"""Delimited text with a header, quoted as RFC 4180 says.

The standard library's parser is used because it tells the line on which a record begins, and a
record that breaks the rules is handed back as it stands instead of being dropped.
"""

import csv
import io
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson
import pyarrow as pa

from ingestion.readers.blocks import DECOMPRESSION_ERRORS, open_text, read_text
from ingestion.readers.model import InputFile, Unreadable, unknown_columns

_RECORDS_AT_ONCE = 100_000
_LINES_OF_A_RECORD = 1_000
csv.field_size_limit(2**27)
CSV_ERROR = csv.Error
"""What a header raises that never ends."""


@dataclass(frozen=True)
class Record:
    """One record.

    Attributes:
        line: The line on which it begins, from 1.
        original: Its text.
        values: Its fields, None when they don't fit the header.
    """

    line: int
    original: str
    values: Sequence[str] | None


class _Lines(Iterator[str]):
    """Lines that can be given back; remembers those that the record under way has taken."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self._returned: deque[str] = deque()
        self.taken: list[str] = []

    def __next__(self) -> str:
        if len(self.taken) == _LINES_OF_A_RECORD:
            raise csv.Error
        line = self._returned.popleft() if self._returned else next(self._lines)
        self.taken.append(line)
        return line

    def give_back_all_but_first(self) -> str:
        first, *others = self.taken
        self._returned.extendleft(reversed(others))
        self.taken = []
        return first


def csv_tables(
    files: Sequence[InputFile],
    *,
    columns: Sequence[str],
    known: Sequence[str] | None = None,
    delimiter: str,
    skip_lines: int = 0,
) -> Iterator[pa.Table | Unreadable]:
    """Read files as tables (file_no, line, original, record of texts, extra).

    Args:
        files: The files, plain or gzipped.
        columns: Columns wanted; a file without one has it empty.
        known: Columns that are not wanted; of the others, a JSON object is in `extra`. None if
            none but the columns wanted matters.
        delimiter: One character.
        skip_lines: Lines before the header.
    """
    for file in files:
        try:
            header, records = _open(file.path, delimiter=delimiter, skip_lines=skip_lines)
            batch: list[Record] = []
            unknown = unknown_columns(header, columns, known)
            for record in records:
                batch.append(record)
                if len(batch) == _RECORDS_AT_ONCE:
                    yield _table(file.file_no, batch, header, columns, unknown)
                    batch = []
            yield _table(file.file_no, batch, header, columns, unknown)
        except (*DECOMPRESSION_ERRORS, CSV_ERROR) as error:
            yield Unreadable(file, type(error).__name__)


def csv_header(path: Path, *, delimiter: str, skip_lines: int) -> list[str]:
    """Return a file's column names; one without a name is called by its place (`column0`).

    Raises:
        OSError, EOFError, zlib.error, csv.Error: The file can't be read, or has no header.
    """
    with io.TextIOWrapper(open_text(path), "utf-8-sig", "backslashreplace", newline="\n") as text:
        return _header(_Lines(text), delimiter=delimiter, skip_lines=skip_lines)[0]


def _open(path: Path, *, delimiter: str, skip_lines: int) -> tuple[list[str], Iterator[Record]]:
    # The whole text first: what is broken at its end must not have landed its beginning.
    text = io.BytesIO(read_text(path))
    lines = _Lines(io.TextIOWrapper(text, "utf-8", "backslashreplace", newline="\n"))
    names, start = _header(lines, delimiter=delimiter, skip_lines=skip_lines)
    return names, _records(lines, width=len(names), delimiter=delimiter, line=start)


def _header(lines: _Lines, *, delimiter: str, skip_lines: int) -> tuple[list[str], int]:
    """Take the header; return its names and the number of lines taken."""
    for _ in range(skip_lines):
        next(lines, None)
        lines.taken = []
    header = next(csv.reader(lines, delimiter=delimiter), [])
    start = skip_lines + len(lines.taken)
    lines.taken = []
    return [name.strip() or f"column{place}" for place, name in enumerate(header)], start


def _records(lines: _Lines, *, width: int, delimiter: str, line: int) -> Iterator[Record]:
    """Yield every record; `line` is the number of lines already taken."""
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error:
            values = None
        if not values and values is not None:
            line += len(lines.taken)
            lines.taken = []
        elif values is not None and len(values) == width:
            yield Record(line + 1, "".join(lines.taken), values)
            line += len(lines.taken)
            lines.taken = []
        else:
            # A stray quote swallows what follows it: only the first line is at fault.
            yield Record(line + 1, lines.give_back_all_but_first(), None)
            line += 1
            reader = csv.reader(lines, delimiter=delimiter, strict=True)


def _table(
    file_no: int,
    records: Sequence[Record],
    header: Sequence[str],
    columns: Sequence[str],
    unknown: Sequence[str],
) -> pa.Table:
    places = {name: place for place, name in reversed(list(enumerate(header)))}
    arrays = [
        pa.array([_value(record, places.get(name)) for record in records], pa.large_string())
        for name in columns
    ]
    malformed = pa.array([record.values is None for record in records], pa.bool_())
    return pa.table(
        {
            "file_no": pa.array([file_no] * len(records), pa.int64()),
            "line": pa.array([record.line for record in records], pa.int64()),
            "original": pa.array([record.original for record in records], pa.large_string()),
            "record": pa.StructArray.from_arrays(arrays, names=list(columns), mask=malformed),
            "extra": pa.array([_extra(r, places, unknown) for r in records], pa.large_string()),
        }
    )


def _extra(record: Record, places: Mapping[str, int], unknown: Sequence[str]) -> str | None:
    values = {name: value for name in unknown if (value := _value(record, places[name]))}
    return orjson.dumps(values).decode() if values else None


def _value(record: Record, place: int | None) -> str | None:
    return None if record.values is None or place is None else record.values[place]
