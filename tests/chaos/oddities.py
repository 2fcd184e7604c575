"""Exports made of broken records, each with the number of rows that must come of it."""

import csv
import gzip
import io
import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import fastavro
import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.contracts import TableContract, load_contracts
from ingestion.discovery import matching
from tests.chaos.arrivals import renamed
from tests.chaos.mutations import (
    odd_file,
    odd_for_avro,
    odd_line,
    odd_moment,
    odd_record,
    odd_value,
)

_RECORDS_OF_A_FILE = 100
_BROKEN_FILES_SHARE = 0.05
_UNREADABLE = 1


@dataclass(frozen=True)
class OddFile:
    """A file of broken records.

    Attributes:
        source: Source.
        table: Table that reads it.
        name: Its path relative to the source's root.
        row_count: Rows that it must come to, kept or quarantined.
    """

    source: str
    table: str
    name: str
    row_count: int


def write_odd_files(exports: Path, rng: random.Random, *, record_count: int) -> Iterator[OddFile]:
    """Add files of broken records beside a company's sound ones, until there are enough.

    Args:
        exports: A folder for each source.
        rng: Decides on everything.
        record_count: Broken records to write at least.
    """
    sounds = list(_sound_tables(exports))
    written = number = 0
    while written < record_count:
        for table, root, names in sounds:
            sound = root / rng.choice(names)
            odd = renamed(sound, f"-odd{number}")
            number += 1
            count = _write(table, sound, odd, rng)
            written += count
            yield OddFile(table.source, table.name, odd.relative_to(root).as_posix(), count)


def _sound_tables(exports: Path) -> Iterator[tuple[TableContract, Path, Sequence[str]]]:
    for contract in load_contracts().values():
        root = exports / contract.source
        if not root.is_dir():
            continue
        found = sorted(path.relative_to(root).as_posix() for path in root.rglob("*.*"))
        for table in contract.tables.values():
            # The hour at the end of a name must stay there for the contract to read it.
            names = [name for name in matching(found, table.files) if name[0] != "-"]
            if names:
                yield table, root, names


def _write(table: TableContract, sound: Path, odd: Path, rng: random.Random) -> int:
    content = sound.read_bytes()
    if table.format not in {"json_lines", "csv"} and rng.random() < _BROKEN_FILES_SHARE:
        odd.write_bytes(odd_file(content, rng))
        return _UNREADABLE
    if table.format == "json_page":
        return _write_page(sound, odd, rng, records=str(table.records))
    return _WRITERS[str(table.format)](sound, odd, rng)


def _write_lines(sound: Path, odd: Path, rng: random.Random) -> int:
    content = sound.read_bytes()
    is_packed = sound.suffix == ".gz"
    lines = (gzip.decompress(content) if is_packed else content).splitlines()
    # The simulator's own broken lines are no ground to build on.
    able = [line for line in lines if _is_object(line)] or [b'{"a": "b"}']
    text = b"\n".join(odd_line(rng.choice(able), rng) for _ in range(_RECORDS_OF_A_FILE))
    # Two bytes at its beginning would make a whole file look compressed.
    text = b"?" + text if text.startswith(b"\x1f\x8b") else text
    odd.write_bytes(gzip.compress(text, mtime=0) if is_packed else text)
    return _RECORDS_OF_A_FILE


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict) and b'"' in line
    except ValueError:
        return False


def _write_page(sound: Path, odd: Path, rng: random.Random, *, records: str) -> int:
    page = json.loads(sound.read_bytes())
    rows: list[object] = [
        odd_record(rng.choice(page[records]), rng) for _ in range(_RECORDS_OF_A_FILE)
    ]
    rows[rng.randrange(len(rows))] = rng.choice((None, 7, "row", [], {}))
    odd.write_text(json.dumps({**page, records: rows}), encoding="utf-8")
    return len(rows)


def _write_avro(sound: Path, odd: Path, rng: random.Random) -> int:
    with sound.open("rb") as content:
        reader = fastavro.reader(content)
        schema: Any = reader.writer_schema
        records: list[Any] = list(reader)
    rows = []
    for _ in range(_RECORDS_OF_A_FILE):
        row = dict(rng.choice(records))
        for field in rng.sample(schema["fields"], min(3, len(schema["fields"]))):
            row[field["name"]] = odd_for_avro(field["type"], rng)
        rows.append(row)
    with odd.open("wb") as content:
        fastavro.writer(content, schema, rows)
    return len(rows)


def _write_parquet(sound: Path, odd: Path, rng: random.Random) -> int:
    rows = pq.ParquetFile(sound).read()
    rows = rows.take([rng.randrange(rows.num_rows) for _ in range(_RECORDS_OF_A_FILE)])
    for name in rng.sample(rows.column_names, min(2, rows.num_columns)):
        column = _odd_column(rows[name].to_pylist(), rows.schema.field(name).type, rng)
        rows = rows.set_column(rows.column_names.index(name), name, column)
    pq.write_table(rows, odd)
    return _RECORDS_OF_A_FILE


def _odd_column(values: Sequence[object], kind: pa.DataType, rng: random.Random) -> pa.Array:
    if pa.types.is_timestamp(kind) and rng.random() < 0.7:
        return pa.array([rng.choice((value, odd_moment(rng), None)) for value in values], kind)
    # The whole column comes in another type than it should.
    texts = [value if rng.random() < 0.3 else odd_value(rng) for value in values]
    return pa.array([None if text is None else str(text) for text in texts], pa.string())


def _write_csv(sound: Path, odd: Path, rng: random.Random) -> int:
    header, *rows = csv.reader(io.StringIO(sound.read_text(encoding="utf-8"), newline=""))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    for _ in range(_RECORDS_OF_A_FILE):
        row = list(rng.choice(rows))
        row[rng.randrange(len(row))] = str(odd_value(rng))
        if rng.random() < 0.1:
            row = row[: rng.randrange(1, len(row))] if rng.random() < 0.5 else [*row, "more"]
        writer.writerow(row)
    # A record that no quoting rule allows: it must not swallow another.
    text.write('"open\n')
    odd.write_bytes(text.getvalue().encode("utf-8", "surrogatepass"))
    return _RECORDS_OF_A_FILE + 1


_WRITERS: Mapping[str, Callable[[Path, Path, random.Random], int]] = {
    "json_lines": _write_lines,
    "avro": _write_avro,
    "parquet": _write_parquet,
    "csv": _write_csv,
}
