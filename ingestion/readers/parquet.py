"""Parquet files, every value as text so that it takes the same way as every other format's."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa

from ingestion.readers.model import InputFile, Unreadable, in_groups, unknown_columns
from ingestion.sql import file_literal, identifier

_NESTED = ("STRUCT", "MAP", "UNION")


def parquet_tables(
    connection: duckdb.DuckDBPyConnection,
    files: Sequence[InputFile],
    *,
    columns: Sequence[str],
    known: Sequence[str] | None = None,
) -> Iterator[pa.Table | Unreadable]:
    """Read files as tables (file_no, line, original, record of texts, extra).

    Args:
        connection: An open connection; nothing is left in it.
        files: The files.
        columns: Columns wanted; a file without one has it empty.
        known: Columns that are not wanted; of the others, a JSON object is in `extra`. None if
            none but the columns wanted matters.
    """
    for group in in_groups(files):
        try:
            yield _read(connection, group, columns, known)
        except duckdb.Error:
            # One broken file fails the whole group: find it.
            for file in group:
                try:
                    yield _read(connection, [file], columns, known)
                except duckdb.Error as error:
                    yield Unreadable(file, type(error).__name__)


def parquet_columns(connection: duckdb.DuckDBPyConnection, path: Path) -> list[str]:
    """Return a file's column names."""
    return list(_types(connection, [path]))


def _read(
    connection: duckdb.DuckDBPyConnection,
    files: Sequence[InputFile],
    columns: Sequence[str],
    known: Sequence[str] | None,
) -> pa.Table:
    numbers = pa.table(
        {
            "path": pa.array([str(file.path) for file in files], pa.string()),
            "file_no": pa.array([file.file_no for file in files], pa.int64()),
        }
    )
    paths = [file.path for file in files]
    types = _types(connection, paths)
    fields = ", ".join(f"{identifier(name)} := {_text(name, types.get(name))}" for name in columns)
    unknown = unknown_columns(list(types), columns, known)
    connection.register("parquet_file_numbers", numbers)
    try:
        return connection.sql(
            f"""
            select
                numbers.file_no,
                contents.file_row_number + 1 as line,
                cast(null as varchar) as original,
                struct_pack({fields}) as record,
                {_extra(unknown)} as extra
            from {_scan(paths)} as contents
            inner join parquet_file_numbers as numbers on contents.filename = numbers.path
            """
        ).to_arrow_table()
    finally:
        connection.unregister("parquet_file_numbers")


def _extra(unknown: Sequence[str]) -> str:
    if not unknown:
        return "cast(null as varchar)"
    columns = [f"contents.{identifier(name)}" for name in unknown]
    fields = ", ".join(
        f"{identifier(name)} := {column}" for name, column in zip(unknown, columns, strict=True)
    )
    # Empty in this row, a column may well be one of another file of the group.
    return (
        f"case when coalesce({', '.join(f'cast({column} as varchar)' for column in columns)}) "
        f"is not null then cast(to_json(struct_pack({fields})) as varchar) end"
    )


def _types(connection: duckdb.DuckDBPyConnection, paths: Sequence[Path]) -> dict[str, str]:
    rows = connection.execute(f"describe select * from {_scan(paths)}").fetchall()
    return {name: type_ for name, type_, *_ in rows if name not in {"filename", "file_row_number"}}


def _scan(paths: Sequence[Path]) -> str:
    listed = ", ".join(file_literal(path) for path in paths)
    return (
        f"read_parquet([{listed}], union_by_name = true, filename = true, "
        "file_row_number = true, hive_partitioning = false)"
    )


def _text(name: str, type_: str | None) -> str:
    if type_ is None:
        return "cast(null as varchar)"
    column = f"contents.{identifier(name)}"
    if type_.startswith(_NESTED) or type_.endswith("]"):
        return f"cast(to_json({column}) as varchar)"
    return f"cast({column} as varchar)"
