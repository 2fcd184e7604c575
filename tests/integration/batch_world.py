"""A few batches of a few rows, and the tables that are kept by batch, built on them by dbt."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from ingestion.contracts import load_contracts
from ingestion.custom import parse_inputs
from ingestion.mapping import CustomInput
from ingestion.views import register_raw
from orchestration import dbt_process
from orchestration.dbt_process import NodeOutcome, parse_project
from orchestration.run import KEPT_BY_BATCH
from tests.unit.ingestion.worlds import World, event
from warehouse import connect

PROJECT = Path(__file__).parents[2]
DAYS = ("2025-09-01", "2025-09-02", "2025-09-03")
LATER = datetime(2030, 1, 1, tzinfo=UTC)
# A column of each table that nothing else depends on, to write a mark into.
MARKED = {
    "stg_field_values": ("country", "'marked'"),
    "hygiene_event_keys": ("missing_expected_count", "-1"),
    "hygiene_record_keys": ("missing_expected_count", "-1"),
}
OF_EVENTS = ("stg_field_values", "hygiene_event_keys")
ORDERS = {
    "table": "orders",
    "path": "orders*.csv",
    "format": "csv",
    "columns": {"event_at": "when", "amount": "total", "order_id": "id"},
}
Batch = tuple[str, str, date]


@dataclass(frozen=True)
class BatchWorld:
    """Exports, their lake and the build on it.

    Attributes:
        world: Exports and lake.
        inputs: What the user says about files of their own.
        code: Digest of the code that a run would be told.
    """

    world: World
    inputs: tuple[CustomInput, ...]
    code: str = "this code"

    @property
    def build(self) -> Path:
        """The build database."""
        return self.world.folder / "build.duckdb"

    def copied(self, folder: Path) -> "BatchWorld":
        """Copy everything, so that a test may spoil it."""
        shutil.copytree(self.world.folder, folder)
        return replace(self, world=World(folder, self.world.contracts))

    def deliver(
        self, day: str, numbers: Sequence[int], *, agent: str | None, hour: int = 10
    ) -> None:
        """Write a file of web events received on a day."""
        said = {"platform": "Web", "country": "Spain", "event_properties": {"user_agent": agent}}
        records = [event(number, day=day, **said) for number in numbers]
        self.world.write_events(records, day=day, hour=hour)

    def run(
        self,
        *,
        select: Sequence[str] = OF_EVENTS,
        as_of: datetime = LATER,
        rows_from: date | None = None,
    ) -> list[NodeOutcome]:
        """Land what came, show it and build tables: those of events, or what is selected."""
        self.world.land("amplitude", "custom", inputs=self.inputs)
        contracts = self.world.contracts
        with connect(self.build) as connection:
            register_raw(
                connection, self.world.lake, contracts=contracts, as_of=as_of, rows_from=rows_from
            )
        return dbt_process.build(
            parse_project(PROJECT),
            select=select,
            exclude=["resource_type:test"],
            with_neighbouring_tests=False,
            variables={"code_digest": self.code},
            warehouse=self.build,
            on_node=lambda _: None,
        )

    def execute(self, sql: str) -> list[tuple[Any, ...]]:
        """Ask or change the build database."""
        with connect(self.build) as connection:
            return connection.execute(sql).fetchall()

    def table(self, name: str, columns: str = "*") -> list[tuple[Any, ...]]:
        """Return a table's rows in a total order."""
        return self.execute(f"select {columns} from {_schema(name)}.{name} order by all")

    def tables(self) -> dict[str, list[tuple[Any, ...]]]:
        """Return every row of the tables."""
        return {name: self.table(name) for name in KEPT_BY_BATCH}

    def built_whole(self) -> dict[str, list[tuple[Any, ...]]]:
        """Return what the tables are when nothing was kept."""
        for name in KEPT_BY_BATCH:
            self.execute(f"drop table {_schema(name)}.{name}")
        assert_built(self.run(select=KEPT_BY_BATCH))
        return self.tables()

    def mark(self) -> None:
        """Mark every row, which only rows that stay where they are survive."""
        for name, (column, value) in MARKED.items():
            self.execute(f"update {_schema(name)}.{name} set {column} = {value}")

    def read_since_mark(self) -> dict[str, set[Batch]]:
        """Return the batches of each table whose rows came after the mark; none came in part."""
        found = {}
        for name, (column, value) in MARKED.items():
            rows = self.execute(
                "select source_name, table_name, received_date, "
                f"bool_or({column} <> {value}), bool_and({column} <> {value}) "
                f"from {_schema(name)}.{name} group by all"
            )
            assert all(some == every for *_, some, every in rows), name
            found[name] = {(source, table, day) for source, table, day, some, _ in rows if some}
        return found


def new_batch_world(folder: Path) -> BatchWorld:
    """Build the tables on three days of events and one of orders."""
    contracts = load_contracts()
    inputs = parse_inputs([ORDERS], contracts["custom"], file="trustlift.yml", key="inputs")
    made = BatchWorld(World(folder, contracts), inputs)
    made.world.write("custom/orders.csv", b"id,when,total\no1,2025-09-02 09:00:00,10\n")
    for place, day in enumerate(DAYS):
        numbers = range(10 * place, 10 * place + 3)
        made.deliver(day, numbers, agent=f"agent of {day}")
    assert_built(made.run(select=[f"+{name}" for name in KEPT_BY_BATCH]))
    return made


def assert_built(outcomes: Sequence[NodeOutcome]) -> None:
    """Demand that every model was built."""
    assert outcomes
    assert not [(one.name, one.message) for one in outcomes if one.has_failed]


def _schema(name: str) -> str:
    return "staging" if name.startswith("stg_") else "hygiene"
