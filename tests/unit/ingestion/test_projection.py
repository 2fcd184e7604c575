"""Every cast and every reason of the one typed projection, through landing."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import orjson
import pytest

from ingestion.contracts import load_contract
from tests.unit.ingestion.worlds import World, event

CONTRACT = """
source: probe
owner: tests
tables:
  rows:
    canonical: events
    files: "*.jsonl"
    format: json_lines
    event_at: at
    received_path: "([0-9]{4}-[0-9]{2}-[0-9]{2})"
    fields:
      at: {type: timestamp, expected: true}
      x: {type: "TYPE"}
"""


at = datetime.fromisoformat


def cast(world: World, contract_type: str, text: str) -> tuple[Any, str | None]:
    """Land one row whose `x` is the JSON text given; return what became of it."""
    path = world.folder / "probe.yml"
    path.write_text(CONTRACT.replace("TYPE", contract_type))
    world.contracts = {"probe": load_contract(path)}
    line = f'{{"at": "2020-01-01", "x": {text}}}\n'
    world.write("probe/2020-01-01.jsonl", line.encode())
    world.land("probe")
    if rows := world.rows("probe/rows", "x"):
        return rows[0][0], None
    ((reason,),) = world.quarantined("probe/rows", "reason")
    return None, reason


@pytest.mark.parametrize(
    ("contract_type", "text", "value"),
    [
        ("string", '"a b"', "a b"),
        ("string", '""', None),
        ("string", "null", None),
        ("string", "12.50", "12.5"),
        ("bigint", "9007199254740993", 9007199254740993),
        ("bigint", '"12.0"', 12),
        ("double", "0.1", 0.1),
        ("boolean", "true", True),
        ("boolean", '"0"', False),
        ("date", '"2020-02-29"', date(2020, 2, 29)),
        ("decimal(18,2)", '"1234567890123456.78"', Decimal("1234567890123456.78")),
        ("decimal(18,2)", "0.1", Decimal("0.10")),
        ("decimal(28,8)", '"1.00000001"', Decimal("1.00000001")),
        ("json", '{"k": [1, "x"]}', '{"k":[1,"x"]}'),
        ("timestamp", '"2020-01-01 10:00:00.123456"', at("2020-01-01 10:00:00.123456")),
        ("timestamp", '"2020-01-01T10:00:00Z"', at("2020-01-01 10:00:00")),
        ("timestamp", '"2020-01-01T10:00:00+02:00"', at("2020-01-01 08:00:00")),
        ("timestamp", '"2020-01-01 10:00:00.5-0330"', at("2020-01-01 13:30:00.500000")),
        ("epoch_seconds", "1577836800", at("2020-01-01 00:00:00")),
        ("epoch_seconds", "1577836800.25", at("2020-01-01 00:00:00.250000")),
        ("epoch_millis", '"1577836800123"', at("2020-01-01 00:00:00.123000")),
    ],
)
def test_a_value_of_its_type_is_kept(
    world: World, contract_type: str, text: str, value: object
) -> None:
    assert cast(world, contract_type, text) == (value, None)


@pytest.mark.parametrize(
    ("contract_type", "text"),
    [
        ("bigint", '"12.7"'),
        ("bigint", '"twelve"'),
        ("bigint", "99999999999999999999"),
        ("double", '"NaN"'),
        ("double", "Infinity"),
        ("boolean", '"perhaps"'),
        ("date", '"2020-02-30"'),
        ("date", '"infinity"'),
        ("decimal(18,2)", '"1.239"'),
        ("decimal(18,2)", '"nan"'),
        ("decimal(18,2)", '"12345678901234567.00"'),
        ("json", '"{broken"'),
        ("timestamp", '"yesterday"'),
        ("timestamp", '"infinity"'),
        ("epoch_seconds", "1e300"),
    ],
)
def test_a_value_of_another_type_is_quarantined(
    world: World, contract_type: str, text: str
) -> None:
    assert cast(world, contract_type, text) == (None, "wrong_type:x")


def test_reasons_come_with_line_file_and_original_text(world: World) -> None:
    broken = '{"uuid": "u3", "truncat'
    world.write_events(
        [
            event(1),
            broken,
            "[1, 2]",
            event(4, device_id=None),
            event(5, app="many"),
            event(6, event_time="2025-09-01 10:05:07.000000"),
            event(7, event_time="2025-09-01 10:05:07.000000", **{"$insert_id": ""}),
        ]
    )
    world.land()
    found = world.quarantined("amplitude/events", "_line, reason, source_file")
    name = "187520_2025-09-01_10#0.json.gz"
    assert found == [
        (2, "malformed_json", name),
        (3, "malformed_json", name),
        (4, "missing_required:device_id", name),
        (5, "wrong_type:app", name),
        (6, "future_event", name),
        (7, "missing_required:insert_id", name),
    ]
    texts = [text for (text,) in world.quarantined("amplitude/events", "original_text")]
    assert texts[0] == broken
    assert orjson.loads(texts[3])["app"] == "many"


def test_five_minutes_ahead_are_still_believed(world: World) -> None:
    world.write_events([event(0, event_time="2025-09-01 10:05:00.000000")])
    world.land()
    assert len(world.rows("amplitude/events")) == 1


def test_empty_expected_fields_are_counted_not_quarantined(world: World) -> None:
    world.write_events([event(1), event(2, platform="", session_id=None)])
    world.land()
    assert world.rows("amplitude/events", "_missing_expected_count") == [(0,), (2,)]


def test_values_inside_an_object_become_columns_and_the_object_stays(world: World) -> None:
    properties = {"feature_id": "saver", "amount": 12.5, "is_test": True, "other": [1]}
    world.write_events([event(1, event_properties=properties), event(2, event_properties=[])])
    world.land()
    found = world.rows("amplitude/events", "feature_id, amount::varchar, is_test, event_properties")
    assert found[0][:3] == ("saver", "12.50", True)
    assert orjson.loads(found[0][3]) == properties
    assert found[1] == (None, None, None, "[]")


def test_a_lenient_field_of_another_type_is_empty_and_its_row_lands(world: World) -> None:
    properties = {"amount": "much", "session_expires_at": "later", "is_test": "perhaps"}
    world.write_events([event(1, event_properties=properties)])
    world.land()
    columns = "amount, session_expires_at, is_test"
    assert world.rows("amplitude/events", columns) == [(None, None, None)]
    assert world.quarantined("amplitude/events") == []


@pytest.mark.parametrize(
    ("client", "sent", "expected"),
    [
        # Half a minute on the way is no wrong clock; two hours are.
        ("09:59:00", "10:00:01.500", "2025-09-01 09:59:00"),
        ("07:59:00", "08:00:30", "2025-09-01 09:59:00.5"),
    ],
)
def test_a_time_left_out_follows_from_the_clocks_as_the_vendor_says(
    world: World, client: str, sent: str, expected: str
) -> None:
    clocks = {
        "client_event_time": f"2025-09-01 {client}",
        "client_upload_time": f"2025-09-01 {sent}",
        "server_received_time": "2025-09-01 10:00:30.5",
        "server_upload_time": "2025-09-01 10:00:31",
    }
    world.write_events([event(1, event_time=None, **clocks), event(2, **clocks)])
    world.land()
    assert world.rows("amplitude/events", "_event_at::varchar") == [
        (expected,),
        ("2025-09-01 10:00:02",),
    ]


def test_without_a_clock_there_is_no_time(world: World) -> None:
    world.write_events([event(1, event_time=None, client_upload_time=None)])
    world.land()
    assert world.quarantined("amplitude/events") == [(1, "missing_required:event_time")]


def test_a_time_before_there_were_clocks_is_not_believed(world: World) -> None:
    times = ["1969-12-31 23:59:59.999999", "1970-01-01 00:00:00", "0001-01-01 00:00:00"]
    world.write_events([event(n, event_time=time) for n, time in enumerate(times)])
    world.land()
    assert world.rows("amplitude/events", "_line") == [(2,)]
    assert world.quarantined("amplitude/events") == [
        (1, "event_before_1970"),
        (3, "event_before_1970"),
    ]
