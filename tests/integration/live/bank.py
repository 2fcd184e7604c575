"""A bank's database with the tables of the contract, and a lake that its pulls are landed in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
import pyarrow.parquet as pq
from psycopg import sql

from ingestion.contracts import SourceContract, TableContract, load_contracts
from ingestion.landing import LandingSummary, land
from ingestion.live.postgres import Postgres
from ingestion.live.pulling import pull
from ingestion.live.pulls import PullRecord
from ingestion.sources import SourceFiles
from warehouse import connect

SOURCE = "core_banking"
START = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
_TYPES = {
    "string": "text",
    "boolean": "boolean",
    "date": "date",
    "timestamp": "timestamptz",
}


@cache
def contract() -> SourceContract:
    return load_contracts()[SOURCE]


def hours(number: float) -> datetime:
    """The moment some hours after the first pull."""
    return START + timedelta(hours=number)


def order(number: int, **changes: object) -> dict[str, Any]:
    return {
        "order_id": f"or{number}",
        "account_id": "ac1",
        "product_line": "stocks",
        "amount": "12.30",
        "currency": "EUR",
        "status": "open",
        "created_at": hours(-5),
        "updated_at": hours(-5),
    } | changes


@dataclass
class Bank:
    """The database, and what is made of it.

    Attributes:
        connection: To write to it.
        uri: Where it is.
        schema: Where its tables are.
        folder: Holds what is pulled and the lake.
        waited: Seconds that pulls would have waited.
    """

    connection: psycopg.Connection[Any]
    uri: str
    schema: str
    folder: Path
    waited: list[float] = field(default_factory=list)

    @property
    def pulled(self) -> Path:
        return self.folder / "pulled"

    @property
    def lake(self) -> Path:
        return self.folder / "lake"

    def create(self, *tables: str) -> None:
        """Make tables as the contract has them."""
        for name in tables or contract().tables:
            self.connection.execute(_create(contract().tables[name]))

    def insert(self, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
        with self.connection.transaction():
            for row in rows:
                self.connection.execute(_insert(table, row), list(row.values()))

    def upsert(self, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Write rows over those of the same key."""
        key = [part for part in contract().tables[table].key if part != "updated_at"]
        for row in rows[:1]:
            conflict = sql.SQL(" on conflict ({}) do update set {}").format(
                sql.SQL(", ").join(map(sql.Identifier, key)),
                sql.SQL(", ").join(
                    sql.SQL("{0} = excluded.{0}").format(sql.Identifier(name)) for name in row
                ),
            )
            with self.connection.transaction(), self.connection.cursor() as cursor:
                cursor.executemany(
                    _insert(table, row) + conflict, [[*one.values()] for one in rows]
                )

    def change(self, statement: str, *values: object) -> None:
        self.connection.execute(statement, values)

    def connector(self, *tables: str, **changes: Any) -> Postgres:
        given: dict[str, Any] = {"tables": tables, "compare_every": timedelta(days=900)} | changes
        return Postgres(conninfo=self.uri, credential="BANK_DSN", schema=self.schema, **given)

    def pull(self, connector: Postgres, now: datetime) -> PullRecord:
        return pull(contract(), lambda: connector, self.pulled, now=now, sleep=self.waited.append)

    def land(self) -> LandingSummary:
        files = SourceFiles(SOURCE, self.pulled / SOURCE)
        return land([files], self.lake, contracts={SOURCE: contract()})

    def extracts(self, table: str) -> list[Path]:
        return sorted((self.pulled / SOURCE / table).glob("*/*.parquet"))

    def delivered(self, table: str, columns: str = "*") -> list[tuple[Any, ...]]:
        """Rows of every extract of a table, sorted."""
        return _rows(self.extracts(table), columns)

    def landed(self, table: str, columns: str = "*", *, below: str = "") -> list[tuple[Any, ...]]:
        """Rows of a table in the lake, or in `_quarantine` below it, sorted."""
        files = (self.lake / below / SOURCE / table).glob("received_date=*/*.parquet")
        return _rows(sorted(files), columns)


def rows_in(path: Path) -> int:
    return int(pq.read_metadata(path).num_rows)


def _rows(paths: Sequence[Path], columns: str) -> list[tuple[Any, ...]]:
    if not paths:
        return []
    listed = ", ".join(f"'{path}'" for path in paths)
    with connect(None) as connection:
        return connection.execute(
            f"select {columns} from read_parquet([{listed}], union_by_name = true, "
            "hive_partitioning = false) order by all"
        ).fetchall()


def _insert(table: str, row: Mapping[str, Any]) -> sql.Composed:
    return sql.SQL("insert into {} ({}) values ({})").format(
        sql.Identifier(table),
        sql.SQL(", ").join(map(sql.Identifier, row)),
        sql.SQL(", ").join(sql.Placeholder() * len(row)),
    )


def _create(table: TableContract) -> sql.Composed:
    key = [part for part in table.key if part != "updated_at"]
    columns = [
        sql.SQL("{} {}").format(
            sql.Identifier(f.source_name),
            sql.SQL(_TYPES.get(f.type) or f.type.replace("decimal", "numeric")),
        )
        for f in table.fields.values()
    ]
    return sql.SQL("create table {} ({}, primary key ({}))").format(
        sql.Identifier(table.name),
        sql.SQL(", ").join(columns),
        sql.SQL(", ").join(map(sql.Identifier, key)),
    )
