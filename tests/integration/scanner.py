"""Look for somebody in every file of a folder, in the values that it holds once it is decoded."""

import gzip
import json
import re
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from hashlib import md5
from pathlib import Path
from typing import Any
from uuid import UUID

import duckdb
import fastavro
import numpy as np
import pyarrow.parquet as pq

_NUMBER = r"[+(]?[0-9][-0-9 ().]{6,}[0-9]"
_ROWS = 2_000
_PREFIXED = {"profile_id", "participant_id", "wallet"}


class Scanner:
    """Finds identifiers, and their plain digests, in any file."""

    def __init__(self, identifiers: Iterable[tuple[str, str]]) -> None:
        """Prepare what is looked for.

        Args:
            identifiers: (type, value) of each.
        """
        self.identifiers = frozenset(identifiers)
        self.needles = {
            needle: one for one in sorted(self.identifiers) for needle in _needles(*one)
        }

    def found(self, folder: Path) -> dict[str, set[str]]:
        """Return the places at which each needle stands, by needle."""
        places: dict[str, set[str]] = {}
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            for place, texts in _texts(path):
                for text in texts:
                    for needle in self._in(text):
                        where = f"{path.relative_to(folder)} {place}".strip()
                        places.setdefault(needle, set()).add(where)
        return places

    def _in(self, text: str) -> list[str]:
        low = _opened(text)
        # A part of a longer word is somebody else's: `ann@x.y` stands in `joann@x.y`.
        return [
            needle
            for needle in self.needles
            if needle in low
            and re.search(f"(?<![0-9a-z.]){re.escape(needle)}(?![0-9a-z])", low) is not None
        ]


def _needles(type_: str, value: str) -> set[str]:
    text = value.lower()
    named = type_.replace("phone_spelling", "phone")
    key = md5(f"{named}:{value}".encode(), usedforsecurity=False).hexdigest()
    bare = {text.rpartition(":")[2]} if type_ in _PREFIXED else {text}
    if type_ in {"phone", "phone_spelling"}:
        bare = {re.sub("[^0-9]", "", text).lstrip("0")}
    return {key, str(UUID(key)), *bare}


def _opened(text: str) -> str:
    """Return a text in lower case, with its numbers once more without what parts them."""
    low = text.lower().replace("\\u0040", "@").replace("%40", "@")
    numbers = (re.sub("[^0-9]", "", one).lstrip("0") for one in re.findall(_NUMBER, low))
    return "\n".join((low, *numbers))


def _texts(path: Path) -> Iterator[tuple[str, Iterable[str]]]:
    """Yield every place in a file with the texts there that may be worth a look."""
    head = path.read_bytes()[:16]
    if head.startswith(b"PAR1"):
        file = pq.ParquetFile(path)
        yield "", [_column(column.to_pylist()) for column in file.read().columns]
        yield "metadata", [str(file.schema_arrow.metadata), str(file.metadata.metadata)]
    elif head[8:12] == b"DUCK":
        yield from _database(path)
    elif head.startswith(b"SQLite format 3"):
        yield from _sqlite(path)
    elif path.suffix == ".npz":
        yield "", ["\n".join(_digests(path))]
    elif head.startswith(b"Obj\x01"):
        with path.open("rb") as content:
            records = list(fastavro.reader(content))
            yield "", ["\n".join(_leaves(records))]
    else:
        raw = gzip.decompress(path.read_bytes()) if head[:2] == b"\x1f\x8b" else path.read_bytes()
        text = raw.decode("utf-8", "backslashreplace")
        yield "", [text, "\n".join(_json_leaves(text))]


def _database(path: Path) -> Iterator[tuple[str, Iterable[str]]]:
    with duckdb.connect(str(path), read_only=True) as connection:
        tables = connection.execute(
            "select table_schema, table_name from information_schema.tables "
            "where table_type = 'BASE TABLE' order by all"
        ).fetchall()
        for schema, table in tables:
            rows = connection.execute(f'select * from "{schema}"."{table}"')
            yield f"{schema}.{table}", _lines(rows)


def _sqlite(path: Path) -> Iterator[tuple[str, Iterable[str]]]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        tables = connection.execute(
            "select name from sqlite_master where type = 'table'"
        ).fetchall()
        for (table,) in tables:
            rows = connection.execute(f'select * from "{table}"').fetchall()
            yield table, ["\n".join(text for row in rows for text in _leaves(list(row)))]


def _digests(path: Path) -> Iterator[str]:
    """Yield the digests that arrays hold in halves."""
    with np.load(path, allow_pickle=False) as arrays:
        for name in arrays.files:
            if name.endswith("_high"):
                halves = arrays[name], arrays[f"{name.removesuffix('high')}low"]
                yield from (f"{high:016x}{low:016x}" for high, low in zip(*halves, strict=True))


def _column(values: Iterable[object]) -> str:
    return "\n".join(str(value) for value in values if value is not None)


def _lines(rows: Any) -> Iterator[str]:
    """Yield the values of some rows at a time, a line each."""
    while chunk := rows.fetchmany(_ROWS):
        yield "\n".join(str(value) for row in chunk for value in row if value is not None)


def _json_leaves(text: str) -> Iterator[str]:
    for part in (text, *text.splitlines()):
        if part.lstrip()[:1] in {"{", "["}:
            try:
                yield from _leaves(json.loads(part))
            except ValueError:
                continue


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, one in value.items():
            yield str(key)
            yield from _leaves(one)
    elif isinstance(value, list):
        for one in value:
            yield from _leaves(one)
    elif value is not None:
        yield str(value)
