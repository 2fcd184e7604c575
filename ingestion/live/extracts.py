"""The Parquet extracts of a table that were delivered: what is known, and what is new."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.live.deliveries import Deliveries
from ingestion.live.postgres_table import PostgresTable, moment
from ingestion.sql import file_literal, identifier, literal

HOUR = timedelta(hours=1)
_FOLDER = "extracted_at="
_HOUR = "%Y-%m-%dT%H"


def whole_hour(time: datetime) -> datetime:
    """Return the beginning of a moment's hour (UTC)."""
    return time.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


@dataclass(frozen=True)
class Extracts:
    """A table's extracts.

    An extract is named by the hour that it ends with: its rows are from before the hour was over,
    and count as received when it was.

    Attributes:
        connection: An engine in memory, whose temporary tables are free to use.
        deliveries: Where the extracts lie.
        table: The table.
    """

    connection: duckdb.DuckDBPyConnection
    deliveries: Deliveries
    table: PostgresTable

    def write(self, rows: pa.Table, until: datetime) -> tuple[Path, str]:
        """Write a draft and return it with its final name."""
        draft = self.deliveries.draft()
        pq.write_table(rows, draft, compression="zstd")
        folder = f"{_FOLDER}{until - HOUR:{_HOUR}}"
        return draft, f"{self.table.name}/{folder}/part-{{}}.parquet"

    def remember(self, since: datetime | None = None) -> None:
        """Put the versions that were delivered into the table `known`.

        Args:
            since: Leave out those whose cursor is before it, and do not open their files.
        """
        paths = self._paths(since)
        names = [*self.table.key, self.table.cursor]
        columns = ", ".join(f"cast({identifier(n)} as varchar) as {identifier(n)}" for n in names)
        empty = ", ".join(f"cast(null as varchar) as {identifier(n)}" for n in names)
        selected = (
            f"select {columns} from {scan(paths)} where "
            + (f"{identifier(self.table.cursor)} >= {literal(moment(since))}" if since else "true")
            if paths
            else f"select {empty} where false"
        )
        self.connection.execute(f"create or replace temp table known as {selected}")

    def unknown(self, rows: pa.Table) -> pa.Table:
        """Return the rows whose version is not in `known`, in their order."""
        names = [*self.table.key, self.table.cursor]
        same = " and ".join(
            f"cast(page.{identifier(n)} as varchar) is not distinct from known.{identifier(n)}"
            for n in names
        )
        numbered = rows.select(names).append_column("row number", pa.array(range(len(rows))))
        self.connection.register("page", numbered)
        try:
            places = self.connection.sql(
                'select "row number" from page '
                f'where not exists (select 1 from known where {same}) order by "row number"'
            ).to_arrow_table()
        finally:
            self.connection.unregister("page")
        return rows.take(places["row number"].combine_chunks())

    def paths(self) -> list[Path]:
        """Return every extract."""
        return self._paths(None)

    def _paths(self, since: datetime | None) -> list[Path]:
        first = f"{_FOLDER}{whole_hour(since):{_HOUR}}" if since else ""
        found = self.deliveries.files(self.table.name, ".parquet")
        return [path for path in found if path.parent.name >= first]


def scan(paths: Sequence[Path]) -> str:
    """Return SQL that reads extracts; one that lacks a column has it empty."""
    listed = ", ".join(file_literal(path) for path in paths)
    return f"read_parquet([{listed}], union_by_name = true, hive_partitioning = false)"
