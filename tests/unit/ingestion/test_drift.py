import gzip
import io
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import fastavro
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingestion.drift import renamed_to
from ingestion.file_drift import OTHER_TYPE, new_columns
from ingestion.views import register_raw
from tests.unit.ingestion.worlds import World, event, json_lines
from warehouse import connect

LATER = datetime(2030, 1, 1, tzinfo=UTC)
COLUMNS = "table_name, kind, field, expected, found, row_count, file_count"


def drift(world: World, columns: str = COLUMNS, as_of: datetime = LATER) -> list[tuple[Any, ...]]:
    with connect(None) as connection:
        register_raw(connection, world.lake, contracts=world.contracts, as_of=as_of)
        return connection.execute(f"select {columns} from raw.schema_drift order by all").fetchall()


def wallet(number: int, **changes: object) -> dict[str, Any]:
    at = f"2025-09-01 10:{number:02d}:00"
    return {
        "account_id": f"a{number}",
        "caip10": f"c{number}",
        "linked_at": at,
        "updated_at": at,
    } | changes


def write_wallets(world: World, records: Sequence[dict[str, Any]], day: str = "2025-09-01") -> None:
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(list(records)), buffer)
    folder = f"core_banking/account_wallets/extracted_at={day}T23"
    world.write(f"{folder}/part-0.parquet", buffer.getvalue())


@pytest.mark.parametrize("name", ["", "a.b", 'a"b', "a~b/c", "0", "*", "z\x00y"])
def test_a_new_column_may_have_any_name(name: str) -> None:
    rows = pa.table({"_file_no": [1], "_extra": [json.dumps({name: 7})], "_received_at": [LATER]})
    with connect(None) as connection:
        connection.register("rows", rows)
        assert new_columns(connection, "rows") == {1: {name: ("UBIGINT", 1, "2030-01-01")}}


def test_the_vendors_own_columns_are_no_drift(world: World) -> None:
    world.write_events([event(1, processed_time="2025-09-01 10:00:02", paying=None)])
    world.land()
    assert drift(world) == []
    assert world.rows("amplitude/events", "_extra") == [(None,)]


def test_a_new_key_is_kept_and_reported_without_its_value(world: World) -> None:
    records = [event(1), event(2, mood={"now": "glad"}), event(3, mood="sad"), event(4, mood=None)]
    world.write_events(records)
    world.write_events([{**event(5, mood=1), 'a"b': True}], hour=11)
    world.land()
    assert world.rows("amplitude/events", "_extra")[:2] == [(None,), ('{"mood":{"now":"glad"}}',)]
    assert drift(world) == [
        ("events", "new_column", 'a"b', None, "boolean", 1, 1),
        ("events", "new_column", "mood", None, "object", 3, 2),
    ]


def test_new_columns_of_csv_parquet_and_avro_are_kept(world: World) -> None:
    write_wallets(world, [wallet(1, risk=3), wallet(2, risk=None)])
    header = "content_id,version,topic,risk_level,published_at,mood\n"
    world.write(
        "decisioning/content/2025/c.csv",
        (header + "c1,1,t,low,2025-09-01,glad\nc2,1,t,low,2025-09-01,\n").encode(),
    )
    schema = {
        "type": "record",
        "name": "m",
        "fields": [
            {"name": "id", "type": "string"},
            {"name": "user_id", "type": "string"},
            {"name": "time", "type": "int"},
            {"name": "mood", "type": "string"},
        ],
    }
    buffer = io.BytesIO()
    at = int(datetime(2025, 9, 1, 10, tzinfo=UTC).timestamp())
    record = {"id": "1", "user_id": "u", "time": at, "mood": "glad"}
    fastavro.writer(buffer, fastavro.parse_schema(schema), [record])
    folder = "braze/x/event_type=users.messages.email.Open/date=2025-09-01-10/1/z"
    world.write(f"{folder}/a.avro", buffer.getvalue())
    world.land("core_banking", "decisioning", "braze")
    assert world.rows("core_banking/account_wallets", "_extra") == [('{"risk":3}',), (None,)]
    assert world.rows("decisioning/content", "_extra") == [('{"mood":"glad"}',), (None,)]
    assert world.rows("braze/messages", "_extra") == [('{"mood":"glad"}',)]
    assert drift(world) == [
        ("account_wallets", "new_column", "risk", None, "ubigint", 1, 1),
        ("content", "new_column", "mood", None, "varchar", 1, 1),
        ("messages", "new_column", "mood", None, "varchar", 1, 1),
    ]


def test_a_renamed_required_column_sends_its_file_to_quarantine_and_no_other(world: World) -> None:
    renamed = {**wallet(1), "caip_10": "c1"}
    renamed.pop("caip10")
    write_wallets(world, [wallet(2)])
    write_wallets(world, [renamed], day="2025-09-02")
    world.land("core_banking")
    assert world.rows("core_banking/account_wallets", "account_id") == [("a2",)]
    found = world.quarantined("core_banking/account_wallets", "reason, received_date::varchar")
    assert found == [("schema_drift:caip10", "2025-09-02")]
    expected = "caip10 string required"
    assert drift(world)[-1] == (
        ("account_wallets", "renamed_column", "caip10", expected, "caip_10 varchar", 1, 1)
    )


def test_a_missing_required_column_comes_with_what_was_found_instead(world: World) -> None:
    odd = {"account_id": "a", "linked_at": "2025-09-01", "updated_at": "2025-09-01", "x": 1}
    write_wallets(world, [odd])
    world.land("core_banking")
    kinds = {kind: found for _, kind, _, _, found, *_ in drift(world)}
    assert kinds == {"missing_column": "x ubigint"}, "nothing of the file is kept, no new column"


@pytest.mark.parametrize(
    ("change", "kind", "found"),
    [
        ({"event_type": None}, "missing_column", "no new column"),
        ({"app": "many"}, "retyped_column", "values of another type"),
        ({"event_type": None, "eventType": "x"}, "renamed_column", "eventType varchar"),
    ],
)
def test_lines_that_all_lack_a_required_field_drift_and_a_few_do_not(
    world: World, change: dict[str, Any], kind: str, found: str | None
) -> None:
    (field,) = change.keys() - {"eventType"}
    world.write_events([event(n, **change) for n in range(12)] + ["{"])
    world.write_events([event(n, **change) for n in range(3)], hour=11)
    world.write_events([*(event(n, **change) for n in range(12)), event(99)], hour=12)
    world.land()
    drifted = [row for row in drift(world) if row[1] != "new_column"]
    assert [(row[1], row[2], *row[4:]) for row in drifted] == [(kind, field, found, 13, 1)]
    reasons = [reason for _, reason in world.quarantined("amplitude/events")]
    assert reasons.count(f"schema_drift:{field}") == 13
    assert len(reasons) == 13 + 3 + 12
    assert len(world.rows("amplitude/events")) == 1


def test_unfit_values_of_lenient_fields_are_counted(world: World) -> None:
    world.write_events([event(n, event_properties={"amount": "x"}) for n in range(2)] + [event(3)])
    world.land()
    assert drift(world) == [
        (
            "events",
            "unfit_value",
            "amount",
            "event_properties.amount decimal(18,2)",
            OTHER_TYPE,
            2,
            1,
        )
    ]


def test_a_corrected_delivery_drifts_no_more(world: World) -> None:
    write_wallets(world, [{k: v for k, v in wallet(1).items() if k != "caip10"}])
    world.land("core_banking")
    assert len(drift(world)) == 1
    write_wallets(world, [wallet(1)])
    world.land("core_banking")
    assert drift(world) == []
    assert len(world.rows("core_banking/account_wallets")) == 1


def test_drift_is_seen_from_the_day_it_was_received(world: World) -> None:
    line = json_lines([event(1, mood=1, day="2025-09-02")])
    world.write("amplitude/187520_2025-09-02_10#0.json.gz", gzip.compress(line, mtime=0))
    world.land()
    assert drift(world, as_of=datetime(2025, 9, 1, tzinfo=UTC)) == []
    assert drift(world, "received_date::varchar") == [("2025-09-02",)]


def test_a_rename_is_guessed_by_name_and_type(world: World) -> None:
    app = world.contracts["amplitude"].tables["events"].fields["app"]
    assert renamed_to(app, {"App": "UBIGINT", "apps": "OBJECT"}) == "App"
    assert renamed_to(app, {"app_": "OBJECT"}) is None
    assert renamed_to(app, {"zzz": "UBIGINT"}) is None


def test_an_unreadable_file_is_reported_by_its_name(world: World) -> None:
    path = world.write_events([event(1)])
    path.write_bytes(path.read_bytes()[:-9])
    world.land()
    name = "187520_2025-09-01_10#0.json.gz"
    expected = "a file of json_lines"
    assert drift(world) == [("events", "unreadable", name, expected, "EOFError", 1, 1)]
