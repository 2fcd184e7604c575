from datetime import UTC, datetime

from ingestion.views import register_raw
from tests.unit.ingestion.worlds import World, event
from warehouse import connect

LATER = datetime(2030, 1, 1, tzinfo=UTC)
COMPLETE = "amplitude/187520_2025-09-01_{}_complete"


def delivered(world: World, as_of: datetime = LATER) -> list[tuple[str, str]]:
    with connect(None) as connection:
        register_raw(connection, world.lake, contracts=world.contracts, as_of=as_of)
        return connection.execute(
            "select source_name, strftime(hour_start_at, '%d. %H h') from raw.delivered_hours "
            "order by all"
        ).fetchall()


def test_an_hour_has_its_file_or_a_mark_that_it_is_complete(world: World) -> None:
    world.write_events([event(1)], hour=10)
    world.write(COMPLETE.format(11), b"")
    world.write_events([event(2)], hour=13)
    world.land()
    assert delivered(world) == [
        ("amplitude", "01. 10 h"),
        ("amplitude", "01. 11 h"),
        ("amplitude", "01. 13 h"),
    ]


def test_a_mark_is_no_row_and_no_fault(world: World) -> None:
    world.write(COMPLETE.format(11), b"")
    summary = world.land()
    assert (summary.rows_landed, summary.rows_quarantined, summary.unclaimed_files) == (
        0,
        0,
        {"amplitude": 0},
    )


def test_hours_after_as_of_are_not_seen(world: World) -> None:
    world.write_events([event(1)], hour=10)
    world.write(COMPLETE.format(11), b"")
    world.land()
    assert delivered(world, datetime(2025, 9, 1, 10, 30, tzinfo=UTC)) == [("amplitude", "01. 10 h")]


def test_a_source_that_does_not_write_by_the_hour_has_none(world: World) -> None:
    world.write("zendesk/tickets/2025-09-01T10.json", b'{"tickets": []}')
    world.land("zendesk")
    assert delivered(world) == []
