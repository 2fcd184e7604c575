"""A Postgres database, read incrementally: what changed since the last pull, as extracts.

A pull reads up to the last whole hour, from a little before where the one before ended: what a slow
transaction committed late lies there. Versions that were delivered already are left out, so
that no row comes twice because it was looked at twice. What the cursor cannot show, a comparison
of all keys does from time to time.
"""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
import psycopg
import pyarrow as pa
import pyarrow.compute as pc
from psycopg import sql
from psycopg.conninfo import make_conninfo
from pydantic import AwareDatetime, BaseModel, ConfigDict

from ingestion.contracts import TableContract
from ingestion.live.comparison import compare
from ingestion.live.extracts import Extracts, whole_hour
from ingestion.live.faults import PullError, TableError
from ingestion.live.model import Pull, chosen_tables
from ingestion.live.postgres_table import PostgresTable, describe, moment, read
from warehouse import connect

_CONNECTION: dict[str, str | int | None] = {
    "application_name": "trustlift",
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 6,
}
_WAITS = (1.0, 5.0, 25.0)
_REFUSED = ("authentication failed", "no password supplied", "does not exist", "pg_hba")


class TableCursor(BaseModel):
    """From where a table is read on.

    Attributes:
        reached: Every change before it was delivered, save what was committed late.
        compared: When its keys were compared last.
    """

    model_config = ConfigDict(extra="forbid")

    reached: AwareDatetime | None = None
    compared: AwareDatetime | None = None


@dataclass(frozen=True, kw_only=True)
class Postgres:
    """A connector to one database.

    Attributes:
        conninfo: How to connect, the password included.
        credential: The environment variable that the password came from, for messages.
        schema: Where the tables are.
        tables: Those wanted; empty for all of the contract.
        cursors: By table, a column that grows with every change, where it is not `updated_at`.
        start: Rows whose cursor is before it are not wanted; None for all.
        overlap: How long a transaction may take until it commits.
        compare_every: How often keys are compared.
        largest_delete_share: More of a table's rows than this do not vanish by themselves, 0-1.
    """

    conninfo: str = field(repr=False)
    credential: str
    schema: str = "public"
    tables: tuple[str, ...] = ()
    cursors: dict[str, str] = field(default_factory=dict)
    start: datetime | None = None
    overlap: timedelta = timedelta(hours=1)
    compare_every: timedelta = timedelta(hours=24)
    largest_delete_share: float = 0.5

    def pull(self, pull: Pull) -> None:
        """Deliver every table's changes; one that cannot be read does not stop the others."""
        tables = chosen_tables(pull.contract, self.tables)
        waits = iter(_WAITS)
        while tables:
            try:
                with self._connected() as connection, closing(connect(None)) as engine:
                    scratch = str(pull.deliveries.root / "_scratch")
                    engine.execute("set temp_directory = ?", [scratch])
                    while tables:
                        self._pull_or_miss(connection, engine, tables[0], pull)
                        del tables[0]
            except psycopg.OperationalError as error:
                wait = next(waits, None)
                if wait is None or _is_refusal(error):
                    raise self._unreachable(error) from error
                pull.say(f"pull {pull.contract.source}, connection lost, again in {wait:.0f} s")
                pull.sleep(wait)

    @contextmanager
    def _connected(self) -> Iterator[psycopg.Connection[Any]]:
        with psycopg.connect(self.conninfo, autocommit=True) as connection:
            # Everything of a table is read from one state of it, and nothing can be written.
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            connection.read_only = True
            connection.execute("set timezone = 'UTC'")
            connection.execute("set datestyle = 'ISO'")
            connection.execute("set client_encoding = 'UTF8'")
            yield connection

    def _pull_or_miss(
        self,
        connection: psycopg.Connection[Any],
        engine: duckdb.DuckDBPyConnection,
        contract: TableContract,
        pull: Pull,
    ) -> None:
        place = f"{self.schema}.{contract.name}"
        try:
            with connection.transaction():
                table = describe(
                    connection,
                    contract,
                    schema=self.schema,
                    cursor=self.cursors.get(contract.name),
                )
                self._pull(connection, Extracts(engine, pull.deliveries, table), pull)
        except TableError as fault:
            pull.missed(fault)
        except psycopg.errors.InsufficientPrivilege:
            remedy = "Grant select on it, or leave it out of `tables`."
            pull.missed(TableError(f"{place}: the user may not read it.", remedy=remedy))
        except psycopg.OperationalError:
            raise
        except (psycopg.Error, pa.ArrowException) as error:
            # Only its kind is told: the words of such an error may repeat a value.
            told = f"{place} cannot be read to its end ({type(error).__name__})."
            pull.missed(TableError(told, remedy="Read it by hand to see which row is at fault."))

    def _pull(self, connection: psycopg.Connection[Any], extracts: Extracts, pull: Pull) -> None:
        table = extracts.table
        cursor = TableCursor.model_validate(pull.deliveries.cursor(table.name))
        until = whole_hour(pull.now)
        if cursor.reached is not None and until <= cursor.reached:
            return

        def commit(rows: pa.Table | None, **changes: datetime) -> None:
            nonlocal cursor
            cursor = cursor.model_copy(update=changes)
            files = [extracts.write(rows, until)] if rows is not None and len(rows) else []
            pull.deliveries.commit(table.name, cursor.model_dump(mode="json"), files)
            pull.delivered(table.name, len(rows) if rows is not None else 0)

        self._read_changes(connection, extracts, cursor.reached, until, commit)
        if cursor.compared is None:
            commit(None, reached=until, compared=until)
        elif until - cursor.compared < self.compare_every:
            commit(None, reached=until)
        else:
            for rows in compare(
                connection,
                extracts,
                until=until,
                start=self.start,
                largest_delete_share=self.largest_delete_share,
            ):
                commit(rows)
            commit(None, reached=until, compared=until)

    def _read_changes(
        self,
        connection: psycopg.Connection[Any],
        extracts: Extracts,
        reached: datetime | None,
        until: datetime,
        commit: Callable[..., None],
    ) -> None:
        since = self.start if reached is None else reached - self.overlap
        if since is not None and self.start is not None:
            since = max(since, self.start)
        if reached is not None:
            extracts.remember(since)
        table = extracts.table
        for page in read(connection, table, where=between(table, since, until)):
            first, last = (_utc(time) for time in pc.min_max(page[table.cursor]).as_py().values())
            if reached is not None and first <= reached:
                commit(extracts.unknown(page), reached=max(reached, last))
            else:
                commit(page, reached=last)

    def _unreachable(self, error: psycopg.OperationalError) -> PullError:
        if _is_refusal(error):
            return PullError(
                "The database refused the connection: user, password or database is wrong.",
                remedy=f"Correct them; the password comes from {self.credential}.",
            )
        return PullError(
            f"The database could not be reached ({type(error).__name__}).",
            remedy="See whether it is up and may be reached from here; the next run goes on.",
        )


def conninfo(dsn: str, *, credential: str, **parts: str | int | None) -> str:
    """Put a connection string together.

    Args:
        dsn: What is given of it.
        credential: The environment variable it came from, for messages.
        parts: What else is to stand in it, by libpq's names; None for nothing.

    Raises:
        PullError: What is given is no connection string.
    """
    try:
        return make_conninfo(dsn, **(_CONNECTION | parts))
    except psycopg.ProgrammingError:
        # What libpq says of it may repeat the password.
        raise PullError(
            f"{credential} must be a connection string of Postgres.",
            remedy="Correct it, such as postgresql://user:password@host:5432/database.",
        ) from None


def between(table: PostgresTable, since: datetime | None, until: datetime) -> sql.Composable:
    """Return the condition that a row's cursor lies in [since, until)."""
    column = sql.Identifier(table.cursor)
    before = sql.SQL("{} < {}").format(column, sql.Literal(moment(until)))
    if since is None:
        return before
    return sql.SQL("{} >= {} and {}").format(column, sql.Literal(moment(since)), before)


def _is_refusal(error: psycopg.OperationalError) -> bool:
    return error.sqlstate is None and any(said in str(error) for said in _REFUSED)


def _utc(time: datetime) -> datetime:
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
