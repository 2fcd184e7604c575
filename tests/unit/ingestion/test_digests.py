import json
from typing import Any

import pytest

from ingestion import columns
from ingestion.contracts import load_contracts
from ingestion.custom import parse_inputs
from tests.unit.ingestion.worlds import World, event

DIGESTS = "_key_digest, _near_key_digest, _content_digest"


def digests(world: World, *records: object) -> list[tuple[Any, ...]]:
    """Land events and return their digests, in their order."""
    world.write_events(records)
    world.land()
    rows = world.rows("amplitude/events", DIGESTS)
    assert len(rows) == len(records)
    return rows


def test_a_copy_has_all_three_digests_of_its_row_wherever_it_lies(world: World) -> None:
    world.write_events([event(1)])
    world.write_events([event(2), event(1)], hour=11)
    world.land()
    first, other, copy = world.rows("amplitude/events", DIGESTS)
    assert first == copy
    assert not set(first) & set(other)


def test_the_key_is_typed_and_the_content_is_what_came(world: World) -> None:
    one, other = digests(world, event(1), event(1, app="187520.0", city="Madrid"))
    assert one[:2] == other[:2]
    assert one[2] != other[2]


def test_a_retry_under_a_new_id_shares_the_near_key_alone(world: World) -> None:
    one, retry = digests(world, event(1), event(1, **{"$insert_id": "again", "uuid": "again"}))
    assert one[1] == retry[1]
    assert one[0] != retry[0]
    assert one[2] != retry[2]


@pytest.mark.parametrize(
    "change",
    [{"device_id": "d2"}, {"event_type": "x"}, {"event_properties": {"a": 1}}, {"app": 1}],
)
def test_any_other_part_makes_another_near_key(world: World, change: dict[str, Any]) -> None:
    one, other = digests(world, event(1), event(1, **change))
    assert one[1] != other[1]


def test_without_a_part_that_must_be_there_nobody_is_a_duplicate(world: World) -> None:
    timeless = event(1, client_event_time=None)
    for row in digests(world, timeless, timeless):
        assert row[0] is not None
        assert row[1] is None


def test_parts_are_kept_apart_whatever_they_hold(world: World) -> None:
    pairs = [("a", 'b","c'), ('a","b', "c"), ("null", "x"), ("\x1f", "a"), ("", "a"), (None, "a")]
    world.write(
        "custom/events.jsonl",
        "".join(
            json.dumps({"at": "2025-01-01", "app": app, "id": id_}) + "\n" for app, id_ in pairs
        ).encode(),
    )
    given = {
        "table": "events",
        "path": "*.jsonl",
        "format": "json_lines",
        "columns": {
            "event_at": "at",
            "event_name": {"value": "x"},
            "app_id": "app",
            "insert_id": "id",
        },
    }
    inputs = parse_inputs([given], load_contracts()["custom"], file="t", key="inputs")
    world.land("custom", inputs=inputs)
    keys = [key for (key,) in world.rows("custom/events", "_key_digest")]
    # Nothing at all and an empty text are the same: no value.
    assert keys[4] == keys[5]
    assert len(set(keys)) == 5


def test_a_table_without_a_key_or_a_row_without_its_part_has_no_key(world: World) -> None:
    source = world.contracts["amplitude"]
    keyless = source.tables["events"].model_copy(update={"key": ()})
    tables = {**source.tables, "events": keyless}
    world.contracts = {"amplitude": source.model_copy(update={"tables": tables})}
    assert [row[0] for row in digests(world, event(1))] == [None]
    world.contracts = load_contracts()
    world.write("custom/e.csv", b"at,name,id\n2025-01-01,x,\n")
    given = {
        "table": "events",
        "path": "*.csv",
        "format": "csv",
        "columns": {"event_at": "at", "event_name": "name", "insert_id": "id"},
    }
    inputs = parse_inputs([given], world.contracts["custom"], file="t", key="inputs")
    world.land("custom", inputs=inputs)
    assert world.rows("custom/events", "_key_digest") == [(None,)]


def test_a_lake_without_the_digests_is_read_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.write_events([event(1)])
    with monkeypatch.context() as patch:
        older = {n: t for n, t in columns.SYSTEM_COLUMNS.items() if n not in columns.DIGEST_COLUMNS}
        patch.setattr(columns, "SYSTEM_COLUMNS", older)
        world.land()
    assert "_key_digest" not in _columns(world)
    assert world.land().rows_landed == 1
    assert None not in world.rows("amplitude/events", DIGESTS)[0]


def _columns(world: World) -> list[str]:
    import pyarrow.parquet as pq

    (path,) = (world.lake / "amplitude/events").glob("*/*.parquet")
    return list(pq.read_schema(path).names)
