"""A company's exports as deliveries that may come in any order, in parts, or twice."""

import gzip
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import fastavro
import orjson
import pyarrow.parquet as pq

from ingestion.contracts import load_contracts

REFERENCE_SUFFIX = ".csv"
_SPLIT_MARK = "-part"
_REPEAT_MARK = "-again"


def deliver(path: Path, exports: Path, target: Path) -> None:
    """Copy an export under the same name."""
    copy = target / path.relative_to(exports)
    copy.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(path, copy)


def deliver_again(path: Path, exports: Path, target: Path) -> None:
    """Copy an export under another name, so that its rows come a second time."""
    copy = renamed(target / path.relative_to(exports), _REPEAT_MARK)
    copy.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(path, copy)


def split(path: Path, exports: Path) -> bool:
    """Turn an export into two, each with a part of its rows; say whether it could be."""
    writer = _SPLITTERS.get(_format(path))
    # The hour at the end of a name must stay there for the contract to read it.
    if writer is None or path.name.startswith("-"):
        return False
    return writer(path, renamed(path, _SPLIT_MARK), exports)


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


def _split_lines(path: Path, other: Path, exports: Path) -> bool:
    del exports
    is_packed = path.suffix == ".gz"
    lines = (gzip.decompress(path.read_bytes()) if is_packed else path.read_bytes()).splitlines(
        keepends=True
    )
    if len(lines) < 2:
        return False
    for target, part in ((path, lines[::2]), (other, lines[1::2])):
        text = b"".join(part)
        target.write_bytes(gzip.compress(text, mtime=0) if is_packed else text)
    return True


def _split_avro(path: Path, other: Path, exports: Path) -> bool:
    del exports
    with path.open("rb") as content:
        reader = fastavro.reader(content)
        schema, records = reader.writer_schema, list(reader)
    if len(records) < 2 or schema is None:
        return False
    for target, part in ((path, records[::2]), (other, records[1::2])):
        with target.open("wb") as content:
            fastavro.writer(content, schema, part)
    return True


def _split_parquet(path: Path, other: Path, exports: Path) -> bool:
    del exports
    rows = pq.ParquetFile(path).read()
    half = rows.num_rows // 2
    if half == 0:
        return False
    pq.write_table(rows.slice(half), other)
    pq.write_table(rows.slice(0, half), path)
    return True


def _split_page(path: Path, other: Path, exports: Path) -> bool:
    source, folder, *_ = path.relative_to(exports).parts
    records = _page_keys()[source, folder]
    page = orjson.loads(path.read_bytes())
    rows = page[records]
    if len(rows) < 2:
        return False
    other.write_bytes(orjson.dumps({**page, records: rows[1::2]}))
    path.write_bytes(orjson.dumps({**page, records: rows[::2]}))
    return True


def _page_keys() -> Mapping[tuple[str, str], str]:
    return {
        (table.source, table.name): table.records
        for contract in load_contracts().values()
        for table in contract.tables.values()
        if table.records is not None
    }


_SPLITTERS: dict[str, Callable[[Path, Path, Path], bool]] = {
    "lines": _split_lines,
    ".avro": _split_avro,
    ".parquet": _split_parquet,
    ".json": _split_page,
}
