"""Compare the keys of a table with what was delivered: what vanished, and what was overlooked.

A hard delete leaves nothing for a cursor to see, and neither does a row that was written with an
old time or without one. So the keys and cursors of the whole table are read from time to time.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pyarrow as pa
from psycopg import sql

from ingestion.live.extracts import Extracts, scan
from ingestion.live.faults import TableError
from ingestion.live.postgres_table import PostgresTable, moment, read
from ingestion.sql import identifier, literal

_ROWS_AT_ONCE = 20_000
_FEW_ROWS = 20
_FAR_AHEAD = timedelta(days=1)


def compare(
    connection: psycopg.Connection[Any],
    extracts: Extracts,
    *,
    until: datetime,
    start: datetime | None,
    largest_delete_share: float,
) -> Iterator[pa.Table]:
    """Yield the versions that were overlooked, then a tombstone for each row that vanished.

    A tombstone is the last version delivered, ended and changed just before `until`.

    Args:
        connection: In the transaction in which the changes were read.
        extracts: What was delivered; its tables `known` and `listed` are overwritten.
        until: End of what is being read.
        start: Rows whose cursor is before it are not wanted.
        largest_delete_share: More rows than this are not believed to be deleted, 0-1.

    Raises:
        TableError: Too many rows vanished at once.
    """
    table = extracts.table
    names = [*table.key, table.cursor]
    engine = extracts.connection
    extracts.remember()
    columns = ", ".join(f"{identifier(name)} varchar" for name in names)
    engine.execute(f"create or replace temp table listed ({columns}, is_due boolean)")
    for page in read(connection, table, columns=names):
        engine.register("page", page)
        cursor = identifier(table.cursor)
        due = (
            f"coalesce({cursor} < {literal(moment(until))} "
            f"or {cursor} >= {literal(moment(until + _FAR_AHEAD))}, true)"
        )
        wanted = f"{cursor} >= {literal(moment(start))} or {cursor} is null" if start else "true"
        texts = ", ".join(f"cast({identifier(name)} as varchar)" for name in names)
        engine.execute(f"insert into listed select {texts}, {due} and ({wanted}) from page")
        engine.unregister("page")
    gone = _vanished(extracts, until)
    if gone is not None:
        _check(extracts, len(gone), largest_delete_share)
    yield from _overlooked(connection, extracts)
    if gone is not None:
        yield gone


def _overlooked(connection: psycopg.Connection[Any], extracts: Extracts) -> Iterator[pa.Table]:
    table = extracts.table
    names = [*table.key, table.cursor]
    same = " and ".join(
        f"listed.{identifier(n)} is not distinct from known.{identifier(n)}" for n in names
    )
    keys = ", ".join(f"listed.{identifier(n)}" for n in table.key)
    overlooked = extracts.connection.execute(
        f"select {keys} from listed "
        f"where is_due and not exists (select 1 from known where {same}) order by all"
    ).fetchall()
    types = _type_names(connection, table)
    for first in range(0, len(overlooked), _ROWS_AT_ONCE):
        part = zip(*overlooked[first : first + _ROWS_AT_ONCE], strict=True)
        yield from read(
            connection,
            table,
            where=sql.SQL("({}) in (select {} from unnest({}) as wanted({}))").format(
                sql.SQL(", ").join(map(sql.Identifier, table.key)),
                sql.SQL(", ").join(
                    sql.SQL("{}::{}").format(sql.Identifier(name), sql.SQL(type_))
                    for name, type_ in zip(table.key, types, strict=True)
                ),
                sql.SQL(", ").join(
                    sql.SQL("{}::text[]").format(sql.Literal(list(values))) for values in part
                ),
                sql.SQL(", ").join(map(sql.Identifier, table.key)),
            ),
        )


def _type_names(connection: psycopg.Connection[Any], table: PostgresTable) -> list[Any]:
    oids = {column.name: column.oid for column in table.columns}
    found = connection.execute(
        "select format_type(oid, null) from unnest(%s::oid[]) with ordinality as key(oid, place) "
        "order by place",
        [[oids[name] for name in table.key]],
    )
    return [name for (name,) in found]


def _vanished(extracts: Extracts, until: datetime) -> pa.Table | None:
    table, paths = extracts.table, extracts.paths()
    if table.end is None or not paths:
        return None
    cursor, end = identifier(table.cursor), identifier(table.end)
    key = ", ".join(identifier(name) for name in table.key)
    is_listed = " and ".join(
        f"cast(last.{identifier(n)} as varchar) is not distinct from listed.{identifier(n)}"
        for n in table.key
    )
    rows = extracts.connection.sql(
        f"""
        with last as (
            select * from {scan(paths)}
            where {cursor} is null or {cursor} < {literal(moment(until))}
            qualify row_number() over (
                partition by {key} order by {cursor} desc nulls last, {end} nulls last
            ) = 1
        )
        select * from last
        where {end} is null and not exists (select 1 from listed where {is_listed})
        order by {key}
        """
    ).to_arrow_table()
    ended = pa.scalar(until.replace(tzinfo=None) - timedelta(microseconds=1), pa.timestamp("us"))
    return pa.table(
        {
            name: pa.repeat(ended, len(rows)).cast(type_)
            if name in {table.cursor, table.end}
            else (
                rows[name].cast(type_) if name in rows.column_names else pa.nulls(len(rows), type_)
            )
            for name, type_ in table.arrow.items()
        }
    )


def _check(extracts: Extracts, vanished: int, largest_share: float) -> None:
    key = ", ".join(identifier(name) for name in extracts.table.key)
    count = extracts.connection.execute(
        f"select count(*) from (select distinct {key} from known)"
    ).fetchall()[0][0]
    if vanished > _FEW_ROWS and vanished > largest_share * count:
        raise TableError(
            f"{extracts.table.schema}.{extracts.table.name}: {vanished:,} of {count:,} rows "
            f"vanished, more than {largest_share:.0%}: not taken for deletes.",
            remedy="See whether the table was reloaded; if they are meant, raise "
            "`largest_delete_share` for one run.",
        )
