"""Frames in and out of the build database."""

from typing import Any, TypeAlias

import duckdb
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

Columns: TypeAlias = dict[str, NDArray[Any]]

_FRAME = "frame_to_write"


def read_frame(connection: duckdb.DuckDBPyConnection, sql: str) -> pd.DataFrame:
    """Return a query's result, one row per row and one column per column."""
    frame: pd.DataFrame = connection.sql(sql).df()
    return frame


def read_table(connection: duckdb.DuckDBPyConnection, sql: str) -> pa.Table:
    """Return a query's result in Arrow's columns, for results too long for a frame."""
    return connection.sql(sql).to_arrow_table()


def as_array(column: pa.ChunkedArray) -> NDArray[Any]:
    """Return a column of numbers as an array; shape (rows,).

    Raises:
        ValueError: A value is missing, which an array of numbers can't hold.
    """
    if column.null_count:
        raise ValueError(
            f"a column has {column.null_count} missing values. Give them a value in the query."
        )
    array: NDArray[Any] = column.to_numpy()
    return array


def read_columns(connection: duckdb.DuckDBPyConnection, sql: str) -> Columns:
    """Return a query's result as an array per column: numbers only, none missing."""
    table = read_table(connection, sql)
    return {name: as_array(table[name]) for name in table.column_names}


def write_table(
    connection: duckdb.DuckDBPyConnection, name: str, frame: pa.Table | pd.DataFrame
) -> None:
    """Replace a table by a frame, all at once; its schema is created when missing.

    Args:
        connection: A connection that may write.
        name: `schema.table`.
        frame: The rows. An empty pandas column has no type of its own: give such a table as Arrow.

    Raises:
        ValueError: The name is not of the form `schema.table`.
    """
    schema, dot, table = name.partition(".")
    if not (schema and dot and table) or "." in table:
        raise ValueError(f"table name {name!r} must be `schema.table`. Name the schema.")
    connection.register(_FRAME, frame)
    try:
        connection.execute(f'create schema if not exists "{schema}"')
        connection.execute(
            f'create or replace table "{schema}"."{table}" as select * from {_FRAME}'
        )
    finally:
        connection.unregister(_FRAME)
