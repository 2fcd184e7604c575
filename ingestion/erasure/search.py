"""Find the rows that name a forgotten person, whichever column they do it in."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from ingestion.contracts import TableContract
from ingestion.erasure.tokens import (
    OF_VENDORS,
    TEXT,
    Identifier,
    any_tokens_sql,
    row_tokens,
    tokens_sql,
)
from ingestion.erasure.tombstones import Tombstones
from ingestion.sql import identifier, literal

_AT_ONCE = 200_000
_FEW = 200
_CUSTOM = "custom"


@dataclass(frozen=True)
class Searched:
    """A value of a row that may name the person.

    Attributes:
        kind: `text`, or the type of identifier that it is.
        sql: SQL of the value, a text.
    """

    kind: str
    sql: str


def searched_columns(table: TableContract, columns: Mapping[str, str]) -> list[Searched]:
    """Return what is searched of a table's rows: every text, and every identifier.

    Args:
        table: The table's contract.
        columns: The columns that the rows have, with their SQL types.
    """
    texts = [identifier(name) for name, type_ in columns.items() if type_ == "VARCHAR"]
    return [
        *(Searched(TEXT, column) for column in texts),
        *(
            Searched(type_, _value(table, type_, identifier(one.name)))
            for one in table.fields.values()
            if one.name in columns
            for type_ in one.identifier
        ),
    ]


def named_rows(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    searched: Iterable[Searched],
    tombstones: Tombstones,
    *,
    key: str,
    moment: str,
    among: str = "true",
) -> pa.Table:
    """Return the keys of the rows that name a forgotten person.

    Args:
        connection: Scratch database.
        relation: SQL of the rows.
        searched: What is searched of them.
        tombstones: The forgotten.
        key: SQL of what tells two rows apart; the column `key` of the result, in order.
        moment: SQL of when a row happened (UTC, naive); NULL is before any erasure.
        among: SQL of a condition on a value `cell` that holds wherever a token may be found.
    """
    columns = list(searched)
    cells = " union ".join(
        f"select distinct {literal(one.kind)} as kind, {one.sql} as cell from {relation}"
        for one in columns
    )
    tokens = tokens_sql("kind", "cell")
    named = _named_cells(
        connection,
        f"select kind, cell, unnest({tokens}) as token from ({cells}) where cell is not null "
        f"and (kind <> '{TEXT}' or ({among}))",
        tombstones,
    )
    if not named:
        return pa.table({"key": pa.array([], pa.int64())})
    found = " union all ".join(
        f"select {key} as key from {relation} inner join named_cells on {one.sql} = _cell "
        f"where _kind = {literal(one.kind)} and coalesce({moment} <= _until, true)"
        for one in columns
    )
    return connection.sql(f"select distinct key from ({found}) order by key").to_arrow_table()


def named_texts(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    tombstones: Tombstones,
    *,
    key: str,
    text: str,
    moment: str,
) -> pa.Table:
    """Return the keys of the rows whose text, which nobody could read, names a forgotten person."""
    named = _named_cells(
        connection,
        f"select '{TEXT}' as kind, {text} as cell, unnest({any_tokens_sql(text)}) as token "
        f"from {relation} where {text} is not null",
        tombstones,
    )
    if not named:
        return pa.table({"key": pa.array([], pa.int64())})
    return connection.sql(
        f"select distinct {key} as key from {relation} inner join named_cells on {text} = _cell "
        f"where coalesce({moment} <= _until, true) order by key"
    ).to_arrow_table()


def among_sql(identifiers: Iterable[Identifier]) -> str:
    """Return SQL of a condition that every value naming one of the identifiers meets.

    It spares the search its tokens in nearly all values, as long as the identifiers are known.
    """
    words, digits = set[str](), set[str]()
    for one in identifiers:
        for token in row_tokens(one):
            kind, _, text = token.partition(" ")
            (digits if kind == "phone" else words).add(text)
    if len(words) + len(digits) > _FEW:
        return "true"
    # A number may be written with anything between its digits, and a link in its own way.
    patterns = [
        *("".join(map(_character, word)) for word in sorted(words)),
        *("[^0-9]*".join(number) for number in sorted(digits)),
    ]
    found = [f"regexp_matches(lower(cell), {literal('|'.join(patterns))})"] if patterns else []
    return " or ".join([*found, "contains(cell, '%')", "contains(cell, '\\u0040')"])


def _character(character: str) -> str:
    """Return a pattern of one character that means nothing else."""
    return character if character.isalnum() else f"\\x{{{ord(character):x}}}"


def _named_cells(
    connection: duckdb.DuckDBPyConnection, cell_tokens: str, tombstones: Tombstones
) -> int:
    """Make the table `named_cells` of the values that name somebody, and count them.

    Its columns begin with an underscore, as no field's may: it is joined to rows of any table.
    """
    connection.execute(f"create or replace temp table cell_tokens as {cell_tokens}")
    reader = connection.sql(
        "select distinct token from cell_tokens where token is not null"
    ).to_arrow_reader(_AT_ONCE)
    found = dict[str, object]()
    for batch in reader:
        found |= tombstones.found(batch.column(0).to_pylist())
    connection.register(
        "named_tokens",
        pa.table(
            {
                "token": pa.array(list(found), pa.string()),
                "until": pa.array(list(found.values()), pa.timestamp("us")),
            }
        ),
    )
    connection.execute(
        "create or replace temp table named_cells as "
        "select kind as _kind, cell as _cell, max(until) as _until "
        "from cell_tokens inner join named_tokens "
        "using (token) group by kind, cell"
    )
    connection.unregister("named_tokens")
    connection.execute("drop table cell_tokens")
    return int(connection.execute("select count(*) from named_cells").fetchall()[0][0])


def _value(table: TableContract, type_: str, column: str) -> str:
    text = f"cast({column} as varchar)"
    if type_ in OF_VENDORS and table.source != _CUSTOM:
        return f"{literal(f'{table.source}:')} || {text}"
    return text
