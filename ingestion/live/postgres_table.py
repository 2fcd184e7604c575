"""One table of a Postgres database: its columns, and its rows as a stream of Arrow tables."""

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import psycopg
import pyarrow as pa
import pyarrow.csv
from psycopg import sql

from ingestion.contracts import TableContract
from ingestion.live.faults import TableError

CURSOR = "updated_at"
_PAGE_BYTES = 16 * 2**20
_ENDS = ("deleted_at", "unlinked_at", "valid_to")
_TIMES = {1114: pa.timestamp("us"), 1184: pa.timestamp("us", "UTC")}
_NUMERIC = 1700
_DATE = 1082
_TYPES = _TIMES | {
    16: pa.bool_(),
    20: pa.int64(),
    21: pa.int64(),
    23: pa.int64(),
    700: pa.float64(),
    701: pa.float64(),
    _DATE: pa.date32(),
}
_WIDEST_DECIMAL = 38
_CALENDAR = sql.SQL(
    "case when {0} between '0001-01-01' and '9999-12-31 23:59:59.999999' then {0} end"
)
_FINITE = sql.SQL("case when {0}::text not in ('NaN', 'Infinity', '-Infinity') then {0} end")

EVERY_ROW = sql.SQL("true")
"""The condition that holds for every row."""


@dataclass(frozen=True)
class Column:
    """A column as the database has it.

    Attributes:
        name: Its name.
        oid: Its type's number in Postgres.
        arrow: Its type in an extract; text for what has no counterpart.
    """

    name: str
    oid: int
    arrow: pa.DataType

    @property
    def selected(self) -> sql.Composable:
        """SQL of its value; what neither a calendar nor a decimal can hold becomes empty."""
        name = sql.Identifier(self.name)
        if self.oid in _TIMES or self.oid == _DATE:
            return _CALENDAR.format(name)
        if self.oid == _NUMERIC and pa.types.is_decimal(self.arrow):
            return _FINITE.format(name)
        return name if self.oid in _TYPES else sql.SQL("{}::text").format(name)


@dataclass(frozen=True)
class PostgresTable:
    """A table to be read.

    Attributes:
        contract: What it is to deliver.
        schema: The database's schema.
        columns: All columns that the user may read, in their order.
        cursor: The column that grows with every change.
    """

    contract: TableContract
    schema: str
    columns: tuple[Column, ...]
    cursor: str

    @property
    def name(self) -> str:
        """Its name, in the database and in the contract."""
        return self.contract.name

    @property
    def key(self) -> tuple[str, ...]:
        """The columns that identify a row, its versions being one row."""
        names = (self.contract.fields[part].source_name for part in self.contract.key)
        return tuple(name for name in names if name not in {CURSOR, self.cursor})

    @property
    def end(self) -> str | None:
        """The column that says that a row has ended, in which a delete can be written."""
        names = {column.name for column in self.columns}
        return next((n for n in _ENDS if n in self.contract.fields and n in names), None)

    @cached_property
    def arrow(self) -> Mapping[str, pa.DataType]:
        """Type of every column in an extract."""
        return {column.name: column.arrow for column in self.columns}

    @property
    def source(self) -> sql.Composable:
        """The table as a statement names it."""
        return sql.Identifier(self.schema, self.name)


def describe(
    connection: psycopg.Connection[Any], contract: TableContract, *, schema: str, cursor: str | None
) -> PostgresTable:
    """Look a table up.

    Args:
        connection: An open one.
        contract: What the table is to deliver.
        schema: Where it is.
        cursor: Its column that grows with every change; None for the usual one.

    Raises:
        TableError: It cannot be read incrementally: it, its key or its cursor is not there.
    """
    names = [
        name
        for (name,) in connection.execute(
            "select column_name from information_schema.columns "
            "where table_schema = %s and table_name = %s order by ordinal_position",
            [schema, contract.name],
        )
    ]
    place = f"{schema}.{contract.name}"
    if not names:
        raise TableError(
            f"{place} must be a table or view that the user may read.",
            remedy="Create it, grant select on it, or leave it out of `tables`.",
        )
    columns = _columns(connection, sql.Identifier(schema, contract.name), names)
    usual = contract.fields[contract.event_at].source_name
    chosen = cursor or (CURSOR if CURSOR in names else usual)
    table = PostgresTable(contract, schema, columns, chosen)
    missing = [name for name in (*table.key, chosen) if name not in names]
    if missing:
        raise TableError(
            f"{place}: {', '.join(missing)} must be columns of it: without key and cursor it "
            "cannot be read incrementally.",
            remedy="Add them to a view, or name the cursor under `cursors`.",
        )
    if not pa.types.is_timestamp(table.arrow[chosen]):
        raise TableError(
            f"{place}: the cursor {chosen} must be a timestamp.",
            remedy="Name another one under `cursors`.",
        )
    return table


def _columns(
    connection: psycopg.Connection[Any], table: sql.Identifier, names: Sequence[str]
) -> tuple[Column, ...]:
    listed = sql.SQL(", ").join(map(sql.Identifier, names))
    found = connection.execute(sql.SQL("select {} from {} limit 0").format(listed, table))
    return tuple(
        Column(one.name, one.type_code, _arrow_type(one)) for one in found.description or ()
    )


def _arrow_type(column: psycopg.Column) -> pa.DataType:
    precision, scale = column.precision, column.scale
    if column.type_code != _NUMERIC or precision is None or scale is None:
        return _TYPES.get(column.type_code, pa.string())
    fits = 0 <= scale <= precision <= _WIDEST_DECIMAL
    return pa.decimal128(precision, scale) if fits else pa.string()


def read(
    connection: psycopg.Connection[Any],
    table: PostgresTable,
    *,
    columns: Sequence[str] | None = None,
    where: sql.Composable = EVERY_ROW,
) -> Iterator[pa.Table]:
    """Read rows, ordered by cursor and key, a page at a time.

    `COPY` streams: neither side ever holds more than a page, and a table is scanned once however
    many pages it has.

    Args:
        connection: In a transaction.
        table: The table.
        columns: Names of the columns wanted; all by default.
        where: Which rows.
    """
    wanted = [c for c in table.columns if columns is None or c.name in columns]
    query = sql.SQL("copy (select {} from {} where {} order by {}) to stdout (format csv)").format(
        sql.SQL(", ").join(column.selected for column in wanted),
        table.source,
        where,
        sql.SQL(", ").join(map(sql.Identifier, (table.cursor, *table.key))),
    )
    with connection.cursor() as cursor, cursor.copy(query) as copy:
        stream = _Stream(copy)
        if stream.is_empty:
            return
        with pyarrow.csv.open_csv(
            pa.PythonFile(stream, mode="r"),
            read_options=pyarrow.csv.ReadOptions(
                column_names=[column.name for column in wanted],
                block_size=_PAGE_BYTES,
                use_threads=False,
            ),
            parse_options=pyarrow.csv.ParseOptions(
                newlines_in_values=True, ignore_empty_lines=False
            ),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types={column.name: column.arrow for column in wanted},
                null_values=[""],
                true_values=["t"],
                false_values=["f"],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
            ),
        ) as pages:
            for page in pages:
                yield pa.Table.from_batches([page])


class _Stream(io.RawIOBase):
    """What a `COPY` sends, as a file that can only be read forward."""

    def __init__(self, copy: psycopg.Copy) -> None:
        self._blocks = iter(copy)
        self._rest = bytes(next(self._blocks, b""))

    @property
    def is_empty(self) -> bool:
        """Whether nothing was sent."""
        return not self._rest

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        parts, length = [self._rest], len(self._rest)
        while size < 0 or length < size:
            block = next(self._blocks, None)
            if block is None:
                break
            parts.append(bytes(block))
            length += len(block)
        found = b"".join(parts)
        cut = len(found) if size < 0 else size
        self._rest = found[cut:]
        return found[:cut]


def moment(time: datetime) -> str:
    """Write a time as text that both kinds of timestamp read as UTC."""
    return time.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ")
