"""One way of reading files into one table: the vendor's contract or a user's mapping, resolved.

From here on nothing asks whether a table belongs to a vendor or to the user.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Literal

from ingestion.columns import row_columns
from ingestion.contracts import Field, TableContract
from ingestion.sql import identifier, literal

_LAYOUT_SEPARATOR = "-"

ReaderFormat = Literal["json_lines", "json_page", "avro", "parquet", "csv", "lines"]


@dataclass(frozen=True)
class Reading:
    """How files become records of texts.

    Attributes:
        format: How the files are written.
        columns: Names of the texts wanted of each record.
        known: Names that a record may have besides, None where any may be: others are drift.
        nested: Names of the texts wanted of the JSON objects that some of the columns hold.
        records: Key of the record list (json_page).
        pattern: Regular expression with one group per column (lines).
        empty_text: A text that stands for nothing beside the empty one.
        delimiter: Between two values (csv).
        skip_lines: Lines at the beginning of a file that are no rows.
    """

    format: ReaderFormat
    columns: tuple[str, ...]
    known: tuple[str, ...] | None = None
    nested: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    records: str | None = None
    pattern: str | None = None
    empty_text: str | None = None
    delimiter: str = ","
    skip_lines: int = 0


@dataclass(frozen=True)
class Feed:
    """Files and how they fill one table.

    Attributes:
        table: The table's contract.
        globs: Which files, relative to the source's root.
        reading: How they become records of texts.
        texts: SQL of each field's text, over `record` (and `path_type`).
        must_have_columns: A file without one of the reading's columns is unreadable.
    """

    table: TableContract
    globs: tuple[str, ...]
    reading: Reading
    texts: Mapping[str, str] = field(default_factory=dict)
    must_have_columns: bool = False

    @cached_property
    def layout(self) -> str:
        """Digest of all that decides what a file's rows look like in the lake.

        It begins with the digest of the columns (`columns_layout`).
        """
        table = self.table
        said = {
            "reading": asdict(self.reading),
            "texts": dict(self.texts),
            "fields": [
                (f.name, f.type, f.required, f.expected, f.lenient) for f in table.fields.values()
            ],
            "keys": [table.key, table.nullable_key, table.near_key, table.nullable_near_key],
            "times": [table.event_at, table.received_at, table.received_path, table.type_path],
            "skew": table.skew and table.skew.model_dump(),
        }
        return f"{columns_layout(table)}{_LAYOUT_SEPARATOR}{_digest(said)}"


def columns_layout(table: TableContract) -> str:
    """Return a digest of the columns that a table's lake files have."""
    return _digest(list(row_columns(table).items()))


def columns_of(layout: str) -> str:
    """Return the digest of the columns in the digest of a layout."""
    return layout.partition(_LAYOUT_SEPARATOR)[0]


def vendor_feed(table: TableContract) -> Feed:
    """Return the feed that a vendor table's contract describes."""
    if table.format is None:
        raise ValueError(
            f"{table.source}/{table.name} has no format: only the tables of vendors can be "
            "read without a mapping; add an input for it under `custom`."
        )
    fields = table.fields.values()
    columns = dict.fromkeys(f.parent or f.source_name for f in fields if not f.from_path)
    nested: dict[str, tuple[str, ...]] = {}
    for one in fields:
        if one.parent is not None:
            nested[one.parent] = (*nested.get(one.parent, ()), one.child)
    reading = Reading(
        format=table.format,
        columns=tuple(columns),
        known=table.ignored,
        nested=nested,
        records=table.records,
    )
    texts = {f.name: _vendor_text(f, reading) for f in fields}
    return Feed(table=table, globs=table.files, reading=reading, texts=texts)


def _vendor_text(field: Field, reading: Reading) -> str:
    if field.from_path:
        return "path_type"
    if field.parent is not None:
        return f"nullif({_nested_column(field.parent)}.{identifier(field.child)}, '')"
    return text_of(field.source_name, reading)


def text_of(column: str, reading: Reading) -> str:
    """Return SQL of a record's text, NULL when there is nothing in it."""
    text = f"nullif(record.{identifier(column)}, '')"
    if reading.empty_text is None:
        return text
    return f"nullif({text}, {literal(reading.empty_text)})"


def record_sql(reading: Reading) -> str | None:
    """Return SQL of a line's struct of texts, NULL when the line is malformed.

    None for a format whose reader gives the struct.
    """
    if reading.format in {"csv", "parquet"}:
        return None
    if reading.pattern is not None:
        pattern = literal(reading.pattern)
        names = ", ".join(literal(name) for name in reading.columns)
        line = "rtrim(original, chr(13) || chr(10))"
        return (
            f"case when regexp_matches({line}, {pattern}) "
            f"then regexp_extract({line}, {pattern}, [{names}]) end"
        )
    return _object_sql("original", reading.columns)


def extra_sql(reading: Reading) -> str:
    """Return SQL of what a record has that is not known, as a JSON object; NULL for nothing."""
    if reading.known is None:
        return "cast(null as varchar)"
    if reading.format in {"csv", "parquet"}:
        return "extra"
    known = (*reading.columns, *reading.known)
    listed = ", ".join(map(literal, known))
    nothing = literal(json.dumps(dict.fromkeys(known)))
    return (
        f"case when record is not null and not list_has_all([{listed}], json_keys(original)) "
        f"then cast(json_merge_patch(original, {nothing}) as varchar) end"
    )


def nested_sql(reading: Reading) -> dict[str, str]:
    """Return SQL of the struct of texts inside each JSON object, by the struct's column."""
    return {
        _nested_column(parent): _object_sql(f"record.{identifier(parent)}", children)
        for parent, children in reading.nested.items()
    }


def malformed_reason(reading: Reading) -> str:
    """Return the reason of a line that is no record."""
    is_json = reading.format in {"json_lines", "json_page", "avro"}
    return "malformed_json" if is_json else "malformed_line"


def columns_missing(reading: Reading, found: Sequence[str]) -> list[str]:
    """Return the reading's columns that a file lacks."""
    return [name for name in reading.columns if name not in found]


def _nested_column(parent: str) -> str:
    return identifier(f"inside {parent}")


def _object_sql(text: str, names: Sequence[str]) -> str:
    shape = json.dumps(dict.fromkeys(names, "VARCHAR"))
    return (
        f"case when json_valid({text}) and starts_with(ltrim({text}), '{{') "
        f"then json_transform({text}, {literal(shape)}) end"
    )


def _digest(said: object) -> str:
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:16]
