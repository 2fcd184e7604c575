"""Avro containers, a record at a time: DuckDB's own reader needs an extension to be downloaded."""

import math
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import fastavro
import orjson
import pyarrow as pa

from ingestion.readers.model import InputFile, Unreadable, in_groups
from ingestion.readers.records import records_table


def avro_tables(files: Sequence[InputFile]) -> Iterator[pa.Table | Unreadable]:
    """Read containers as tables (file_no, line, original): one JSON text per record."""
    for group in in_groups(files):
        numbers: list[int] = []
        lines: list[int] = []
        texts: list[bytes] = []
        for file in group:
            try:
                with file.path.open("rb") as content:
                    encoded = [_json(record) for record in fastavro.reader(content)]
            except Exception as error:  # noqa: BLE001 - each codec and schema fault has its own
                yield Unreadable(file, type(error).__name__)
                continue
            numbers.extend([file.file_no] * len(encoded))
            lines.extend(range(1, len(encoded) + 1))
            texts.extend(encoded)
        yield records_table(numbers, lines, texts)


def _json(record: Any) -> bytes:
    for name, value in record.items():
        # JSON has no such number: as text it stays visible and fails its type.
        if isinstance(value, float) and not math.isfinite(value):
            record[name] = str(value)
    return orjson.dumps(record, default=_text)


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(type(value).__name__)
