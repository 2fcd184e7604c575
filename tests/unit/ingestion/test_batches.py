from datetime import UTC, datetime

from ingestion.setaside import reject, restore
from ingestion.views import register_raw
from tests.unit.ingestion.worlds import World, event
from warehouse import connect

LATER = datetime(2030, 1, 1, tzinfo=UTC)
FIRST, SECOND = "2025-09-01", "2025-09-02"


def batches(world: World, as_of: datetime = LATER) -> dict[str, tuple[str, int]]:
    """Fingerprint and rows of each batch of Amplitude's events, by date."""
    with connect(None) as connection:
        register_raw(connection, world.lake, contracts=world.contracts, as_of=as_of)
        rows = connection.execute(
            "select received_date::varchar, fingerprint, row_count from raw.batches "
            "where source_name = 'amplitude' and table_name = 'events'"
        ).fetchall()
    return {date: (fingerprint, count) for date, fingerprint, count in rows}


def landed(world: World) -> dict[str, tuple[str, int]]:
    world.write_events([event(1), event(2), event(3, day=SECOND)])
    world.land()
    return batches(world)


def test_a_batch_that_got_no_row_keeps_its_fingerprint(world: World) -> None:
    before = landed(world)
    assert {date: count for date, (_, count) in before.items()} == {FIRST: 2, SECOND: 1}
    assert batches(world) == before
    world.write_events([event(4)], hour=11)
    world.land()
    after = batches(world)
    assert after[SECOND] == before[SECOND]
    assert after[FIRST][0] != before[FIRST][0]
    assert after[FIRST][1] == 3


def test_a_batch_set_aside_is_gone_and_comes_back_the_same(world: World) -> None:
    before = landed(world)
    reject(world.lake, f"amplitude/events/{FIRST}", reason="?", now=LATER)
    assert batches(world) == {SECOND: before[SECOND]}
    restore(world.lake, f"amplitude/events/{FIRST}")
    assert batches(world) == before


def test_superseded_rows_change_their_batches_alone(world: World) -> None:
    before = landed(world)
    world.write_events([event(9, day=SECOND)], hour=11)
    world.land()
    world.write_events([event(8, day=SECOND)], hour=11)
    world.land()
    after = batches(world)
    assert after[FIRST] == before[FIRST]
    assert after[SECOND][0] != before[SECOND][0]
    assert after[SECOND][1] == 2


def test_as_of_changes_the_batch_it_cuts_through(world: World) -> None:
    before = landed(world)
    cut = batches(world, datetime(2025, 9, 2, 1, tzinfo=UTC))
    assert cut[FIRST] == before[FIRST]
    assert cut[SECOND][0] != before[SECOND][0]
    assert cut[SECOND][1] == 0
    assert batches(world, datetime(2025, 9, 1, 10, 0, 1, tzinfo=UTC))[FIRST][1] == 1


def test_other_columns_change_every_fingerprint(world: World) -> None:
    before = landed(world)
    source = world.contracts["amplitude"]
    events = source.tables["events"]
    fields = {name: field for name, field in events.fields.items() if name != "city"}
    narrower = events.model_copy(update={"fields": fields})
    tables = {**source.tables, "events": narrower}
    world.contracts = {"amplitude": source.model_copy(update={"tables": tables})}
    after = batches(world)
    assert {after[date][0] for date in after}.isdisjoint(f for f, _ in before.values())
