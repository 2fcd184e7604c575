"""A company's exports as deliveries that may come in any order, in parts, or twice."""

import gzip
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import fastavro
import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.contracts import load_contracts

_SPLIT_MARK = "-part"
_REPEAT_MARK = "-again"


@dataclass(frozen=True)
class Rows:
    """The rows of a file, and how to write some of them into another of its format.

    Attributes:
        count: Rows in all.
        write: Writes the rows at some places; never the bytes that the file itself has.
    """

    count: int
    write: Callable[[Path, Sequence[int]], object]


def deliver(path: Path, exports: Path, target: Path) -> None:
    """Copy an export under the same name."""
    copy = target / path.relative_to(exports)
    copy.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(path, copy)


def can_be_repacked(path: Path) -> bool:
    """Say whether the rows of a file may come in another one."""
    # The hour at the end of a name must stay there for the contract to read it.
    return _format(path) in _READERS and not path.name.startswith("-")


def row_count(path: Path, exports: Path) -> int:
    """Count the rows of a file that can be repacked."""
    return _READERS[_format(path)](path, exports).count


def split(path: Path, exports: Path) -> bool:
    """Turn an export into two, each with a part of its rows; say whether it could be."""
    if not can_be_repacked(path):
        return False
    rows = _READERS[_format(path)](path, exports)
    if rows.count < 2:
        return False
    rows.write(renamed(path, _SPLIT_MARK), range(1, rows.count, 2))
    rows.write(path, range(0, rows.count, 2))
    return True


def deliver_again(path: Path, exports: Path, target: Path) -> None:
    """Write an export's rows into a file of other bytes and name: they come a second time."""
    copy = renamed(target / path.relative_to(exports), _REPEAT_MARK)
    copy.parent.mkdir(parents=True, exist_ok=True)
    rows = _READERS[_format(path)](path, exports)
    rows.write(copy, range(rows.count - 1, -1, -1))


def renamed(path: Path, mark: str) -> Path:
    """Give a name that the same contract reads."""
    stem, dot, suffixes = path.name.partition(".json")
    if not dot:
        stem, dot, suffixes = path.name.rpartition(".")
    return path.with_name(f"{stem}{mark}{dot}{suffixes}")


def _format(path: Path) -> str:
    if path.name.endswith((".json.gz", ".jsonl.gz", ".jsonl")):
        return "lines"
    return path.suffix


def _lines(path: Path, exports: Path) -> Rows:
    del exports
    is_packed = path.suffix == ".gz"
    content = path.read_bytes()
    lines = (gzip.decompress(content) if is_packed else content).split(b"\n")

    def write(target: Path, places: Sequence[int]) -> None:
        text = b"\n".join([*(lines[place] for place in places), b"\n"])
        target.write_bytes(gzip.compress(text, mtime=0) if is_packed else text)

    return Rows(len(lines), write)


def _avro(path: Path, exports: Path) -> Rows:
    del exports
    with path.open("rb") as content:
        reader = fastavro.reader(content)
        schema: Any = reader.writer_schema
        records = list(reader)

    def write(target: Path, places: Sequence[int]) -> None:
        with target.open("wb") as content:
            fastavro.writer(content, schema, [records[place] for place in places])

    return Rows(len(records), write)


def _parquet(path: Path, exports: Path) -> Rows:
    del exports
    rows = pq.ParquetFile(path).read()

    def write(target: Path, places: Sequence[int]) -> None:
        pq.write_table(rows.take(pa.array(places, pa.int64())), target, compression="gzip")

    return Rows(rows.num_rows, write)


def _page(path: Path, exports: Path) -> Rows:
    source, folder, *_ = path.relative_to(exports).parts
    key = _page_keys()[source, folder]
    page = orjson.loads(path.read_bytes())
    records = page[key]

    def write(target: Path, places: Sequence[int]) -> None:
        part = {**page, key: [records[place] for place in places]}
        target.write_bytes(orjson.dumps(part, option=orjson.OPT_INDENT_2))

    return Rows(len(records), write)


@cache
def _page_keys() -> Mapping[tuple[str, str], str]:
    return {
        (table.source, table.name): table.records
        for contract in load_contracts().values()
        for table in contract.tables.values()
        if table.records is not None
    }


_READERS: Mapping[str, Callable[[Path, Path], Rows]] = {
    "lines": _lines,
    ".avro": _avro,
    ".parquet": _parquet,
    ".json": _page,
}
