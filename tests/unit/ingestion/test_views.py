from collections.abc import Iterator
from datetime import UTC, datetime

import duckdb
import pytest

from ingestion.columns import row_columns
from ingestion.setaside import reject
from ingestion.views import register_raw
from tests.unit.ingestion.worlds import World, event
from warehouse import connect

LATER = datetime(2030, 1, 1, tzinfo=UTC)


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with connect(None) as connection:
        yield connection


def register(connection: duckdb.DuckDBPyConnection, world: World, as_of: datetime = LATER) -> None:
    closed = frozenset({"zigpoll"})
    register_raw(
        connection, world.lake, contracts=world.contracts, as_of=as_of, closed_sources=closed
    )


def test_every_table_has_a_view_with_the_contracts_columns(
    connection: duckdb.DuckDBPyConnection, world: World
) -> None:
    world.write_events([event(1)])
    world.land()
    register(connection, world)
    for source in world.contracts.values():
        for table in source.tables.values():
            view = f'raw."{table.source}__{table.name}"'
            described = connection.execute(f"describe {view}").fetchall()
            assert {name: type_ for name, type_, *_ in described} == row_columns(table) | {
                "received_date": "DATE"
            }
    assert connection.execute("select insert_id from raw.amplitude__events").fetchall() == [("i1",)]
    assert connection.execute("select count(*) from raw.zendesk__tickets").fetchall() == [(0,)]


def test_rows_received_after_as_of_are_invisible(
    connection: duckdb.DuckDBPyConnection, world: World
) -> None:
    world.write_events([event(1), event(2), "{", event(3, day="2025-09-02"), "{"])
    world.land()
    register(connection, world, datetime(2025, 9, 1, 10, 0, 1, tzinfo=UTC))
    assert connection.execute("select insert_id from raw.amplitude__events").fetchall() == [("i1",)]
    assert connection.execute("select * from raw.quarantined_rows").fetchall() == []
    register(connection, world)
    assert connection.execute("select count(*) from raw.amplitude__events").fetchall() == [(3,)]
    assert connection.execute("select count(*) from raw.quarantined_rows").fetchall() == [(2,)]


def test_a_line_that_nothing_dates_is_seen_from_its_date_on(
    connection: duckdb.DuckDBPyConnection, world: World
) -> None:
    source = world.contracts["amplitude"]
    undated = source.tables["events"].model_copy(update={"received_path": None})
    world.contracts = {"amplitude": source.model_copy(update={"tables": {"events": undated}})}
    world.write_events([event(1, day="2025-09-02"), "{"])
    world.land()
    select = "select received_date::varchar, _received_at from raw.quarantined_rows"
    register(connection, world, datetime(2025, 9, 1, 23, 59, tzinfo=UTC))
    assert connection.execute(select).fetchall() == []
    register(connection, world, datetime(2025, 9, 2, tzinfo=UTC))
    assert connection.execute(select).fetchall() == [("2025-09-02", None)]


def test_quarantined_rows_say_their_kind_and_no_text(
    connection: duckdb.DuckDBPyConnection, world: World
) -> None:
    world.write_events([event(1), "{"])
    world.write_events([event(2, day="2025-09-02")], hour=11)
    world.land()
    world.write_events([event(3, day="2025-09-02")], hour=11)
    world.land()
    reject(world.lake, "amplitude/events/2025-09-01", reason="?", now=LATER)
    register(connection, world)
    found = connection.execute(
        "select * from raw.quarantined_rows order by kind, reason"
    ).fetchall()
    assert [(row[0], row[1], str(row[2]), row[4] % 2**32, *row[5:]) for row in found] == [
        ("amplitude", "events", "2025-09-01", 2, "malformed_json", "rejected"),
        ("amplitude", "events", "2025-09-01", 1, "rejected_batch", "rejected"),
        ("amplitude", "events", "2025-09-02", 1, "superseded_file", "superseded"),
    ]


def test_contracts_say_what_is_active_closed_and_expected(
    connection: duckdb.DuckDBPyConnection, world: World
) -> None:
    world.write_events([event(1)])
    world.land()
    register(connection, world)
    found = connection.execute(
        "select table_name, canonical_table, sla_hours, expected_field_count, is_closed, is_active "
        "from raw.contracts where source_name in ('amplitude', 'zigpoll') order by all"
    ).fetchall()
    counted = {
        name: len(world.contracts[source].tables[name].counted_fields)
        for source, name in (
            ("amplitude", "events"),
            ("amplitude", "merged_ids"),
            ("zigpoll", "responses"),
        )
    }
    assert found == [
        ("events", "events", 168, counted["events"], False, True),
        ("merged_ids", "identity_merges", 168, counted["merged_ids"], False, False),
        ("responses", "feedback", 72, counted["responses"], True, False),
    ]


def test_files_of_an_older_contract_have_the_new_column_empty(
    connection: duckdb.DuckDBPyConnection, world: World
) -> None:
    full = world.contracts
    source = full["amplitude"]
    events = source.tables["events"]
    fields = {name: field for name, field in events.fields.items() if name != "city"}
    older = events.model_copy(update={"fields": fields})
    world.contracts = {
        "amplitude": source.model_copy(update={"tables": {**source.tables, "events": older}})
    }
    path = world.write_events([event(1)])
    world.land()
    path.unlink()
    world.contracts = full
    world.write_events([event(2, city="Madrid")], hour=11)
    world.land()
    register(connection, world)
    found = connection.execute(
        "select insert_id, city from raw.amplitude__events order by _row_id"
    ).fetchall()
    assert found == [("i1", None), ("i2", "Madrid")]


def test_a_time_without_a_zone_is_refused(
    connection: duckdb.DuckDBPyConnection, world: World
) -> None:
    with pytest.raises(ValueError, match="must have a time zone"):
        register(connection, world, LATER.replace(tzinfo=None))
