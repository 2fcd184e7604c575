import gzip
import hashlib
from typing import Any

import pytest

from ingestion.contracts import ContractError, load_contracts
from ingestion.custom import parse_inputs
from ingestion.mapping import CustomInput
from tests.unit.ingestion.worlds import World


def orders(**changes: Any) -> dict[str, Any]:
    document: dict[str, Any] = {
        "table": "orders",
        "path": "orders*.csv",
        "format": "csv",
        "columns": {"event_at": "when", "amount": "total", "order_id": "id"},
    }
    columns = document["columns"] | changes.pop("columns", {})
    return document | changes | {"columns": {k: v for k, v in columns.items() if v is not None}}


def parse(*documents: object) -> tuple[CustomInput, ...]:
    contract = load_contracts()["custom"]
    return parse_inputs(list(documents), contract, file="trustlift.yml", key="custom.inputs")


@pytest.mark.parametrize(
    ("document", "key", "rule"),
    [
        (orders(table="order"), "0.table", "canonical table"),
        (orders(columns={"amount": None}), "0.columns.amount", "orders requires it"),
        (orders(columns={"amnt": "total"}), "0.columns.amnt", "must be a field of orders"),
        (orders(format="xml"), "0.format", "'csv'"),
        (orders(pattern="(?P<a>.)"), "0", "needs a `pattern`"),
        (orders(format="lines", pattern="("), "0", "regular expression"),
        (orders(format="lines", pattern="(?P<id>.)"), "0.columns.event_at", "named group"),
        (orders(columns={"amount": {"value": 1, "from": "x"}}), "columns.amount", "exactly one"),
        (orders(columns={"status": {"from": "s", "format": "%Y"}}), "status.format", "only a time"),
        (
            orders(columns={"event_at": {"from": "s", "format": "%Q"}}),
            "event_at.format",
            "strptime",
        ),
        (orders(format="lines", pattern="(?P<id>.)(?=x)"), "0.pattern", "no look-around"),
        (orders(path="../orders.csv"), "0", "under the source's root"),
    ],
)
def test_a_mapping_that_can_not_be_right_is_refused(document: object, key: str, rule: str) -> None:
    with pytest.raises(ContractError) as caught:
        parse(document)
    violation = caught.value.violations[0]
    assert violation.file == "trustlift.yml"
    assert f"custom.inputs.{key}" in violation.key or violation.key.endswith(key)
    assert rule in violation.rule
    assert violation.remedy


def test_columns_constants_templates_digests_and_formats_fill_fields(world: World) -> None:
    world.write(
        "custom/orders.csv",
        b"id;when;total;who;flag\n1;31/12/2019 23:00 +0100;9.90;ann;\n2;2019-12-31;1;bob;x\n;;;;\n",
    )
    columns = {
        "event_at": {"from": "when", "format": "%d/%m/%Y %H:%M %z"},
        "order_id": {"template": "shop-{id}"},
        "customer_ref": {"digest": ["who", "flag"]},
        "currency_code": {"value": "EUR"},
    }
    world.land("custom", inputs=parse(orders(delimiter=";", columns=columns)))
    found = world.rows(
        "custom/orders", "order_id, event_at::varchar, amount, customer_ref, currency_code"
    )
    digest = hashlib.md5(b"ann\x1f", usedforsecurity=False).hexdigest()
    assert [(*row[:2], str(row[2]), *row[3:]) for row in found] == [
        ("shop-1", "2019-12-31 22:00:00", "9.90", digest, "EUR")
    ]
    # What is not written as told is wrong, and what is empty is missing.
    assert world.quarantined("custom/orders") == [
        (3, "wrong_type:event_at"),
        (4, "missing_required:event_at"),
    ]


def test_lines_are_taken_apart_by_a_pattern(world: World) -> None:
    world.write("custom/orders.txt", b" head\r\n 00001 19970101  1   11.77\r\n odd line\r\n")
    given = orders(
        path="*.txt",
        format="lines",
        skip_lines=1,
        pattern=r"^\s*(?P<id>\S+)\s+(?P<when>[0-9]{8})\s+([0-9]+)\s+(?P<total>[0-9.]+)$",
        columns={"event_at": {"from": "when", "format": "%Y%m%d"}},
    )
    world.land("custom", inputs=parse(given))
    found = world.rows("custom/orders", "_line, order_id, event_at::varchar, amount::varchar")
    assert found == [(2, "00001", "1997-01-01 00:00:00", "11.77")]
    found = world.quarantined("custom/orders", "_line, reason, original_text, received_date::text")
    assert found == [(3, "malformed_line", " odd line", "1997-01-01")]


def test_json_lines_and_parquet_take_the_same_mapping(world: World) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    record = {"id": "1", "when": "2020-01-01", "total": "5.00"}
    world.write("custom/orders.jsonl", b'{"id": "2", "when": "2020-01-02", "total": 7.5}\n')
    pq.write_table(pa.Table.from_pylist([record]), world.folder / "exports/custom/orders.parquet")
    inputs = parse(
        orders(path="*.jsonl", format="json_lines"), orders(path="*.parquet", format="parquet")
    )
    world.land("custom", inputs=inputs)
    assert world.rows("custom/orders", "order_id, amount::varchar") == [
        ("2", "7.50"),
        ("1", "5.00"),
    ]


def test_an_access_log_gives_events(world: World) -> None:
    world.write(
        "custom/access.log",
        b'1.2.3.4 - - [17/May/2015:10:05:03 +0200] "GET /a?b HTTP/1.1" 200 - "-" "Agent \\"x\\""\n'
        b'1.2.3.4 - - [17/May/2015:10:05:04 +0200] "-" 408 - "-" "-"\n'
        b"cut off\n",
    )
    given = {
        "table": "events",
        "path": "*.log",
        "format": "combined_log",
        "columns": {
            "event_at": {"from": "time", "format": "%d/%b/%Y:%H:%M:%S %z"},
            "event_name": {"value": "page_viewed"},
            "target_id": "path",
            "user_agent": "user_agent",
            "anonymous_id": {"digest": ["ip", "user_agent"]},
        },
    }
    world.land("custom", inputs=parse(given))
    found = world.rows("custom/events", "event_at::varchar, target_id, user_agent")
    assert found == [
        ("2015-05-17 08:05:03", "/a?b", 'Agent \\"x\\"'),
        ("2015-05-17 08:05:04", None, None),
    ]
    assert world.quarantined("custom/events") == [(3, "malformed_line")]


def test_a_corrected_mapping_reads_the_file_again(world: World) -> None:
    world.write("custom/orders.csv", b"id,when,total,net\n1,2020-01-01,n/a,5\n")
    world.land("custom", inputs=parse(orders()))
    assert world.quarantined("custom/orders") == [(2, "wrong_type:amount")]
    world.land("custom", inputs=parse(orders(columns={"amount": "net"})))
    assert world.rows("custom/orders", "amount::varchar, _file_no") == [("5.00", 1)]
    assert world.quarantined("custom/orders") == []


def test_two_inputs_may_read_the_same_file_into_one_table(world: World) -> None:
    world.write("custom/orders.csv", b"id,when,total,fee\n1,2020-01-01,5,1\n")
    inputs = parse(orders(), orders(columns={"amount": "fee", "order_id": {"template": "{id}-f"}}))
    world.land("custom", inputs=inputs)
    expected = [("1", "5.00"), ("1-f", "1.00")]
    assert world.rows("custom/orders", "order_id, amount::varchar") == expected
    assert world.land("custom", inputs=inputs).rows_landed == 0


def test_a_misspelt_column_is_refused_and_an_odd_file_quarantined(world: World) -> None:
    world.write("custom/orders1.csv", b"id,when,total\n1,2020-01-01,5\n")
    world.write("custom/orders2.csv", b"id,date,total\n1,2020-01-01,5\n")
    with pytest.raises(ContractError, match=r"'totel'.*must be columns of orders1\.csv"):
        world.land("custom", inputs=parse(orders(columns={"amount": "totel"})))
    world.land("custom", inputs=parse(orders()))
    assert len(world.rows("custom/orders")) == 1
    assert world.quarantined("custom/orders", "_line, reason, original_text") == [
        (0, "unreadable_file", "no column when")
    ]


def test_an_odd_empty_or_damaged_first_file_does_not_hide_the_others(world: World) -> None:
    damaged = gzip.compress(b"id,when,total\n" + b"1,2020-01-01,5\n" * 200)
    world.write("custom/orders0.csv", b"")
    world.write("custom/orders1.csv", damaged[:15] + b"\xff" * 8 + damaged[23:])
    world.write("custom/orders2.csv", b"id,date,total\n1,2020-01-01,5\n")
    world.write("custom/orders3.csv", b"id,when,total\n1,2020-01-01,5\n")
    world.land("custom", inputs=parse(orders()))
    assert len(world.rows("custom/orders")) == 1
    assert sorted(world.quarantined("custom/orders", "source_file, reason")) == [
        ("orders1.csv", "unreadable_file"),
        ("orders2.csv", "unreadable_file"),
    ]


def test_a_path_at_which_no_file_lies_is_reported(world: World) -> None:
    world.write("custom/orders.csv", b"id,when,total\n1,2020-01-01,5\n")
    inputs = parse(orders(), orders(path="ordres*.csv"))
    assert world.land("custom", inputs=inputs).idle_paths == ("ordres*.csv",)


def test_the_rows_of_an_input_that_is_removed_are_withdrawn(world: World) -> None:
    world.write("custom/orders.csv", b"id,when,total,fee\n1,2020-01-01,5,1\n")
    world.write("custom/old/a.csv", b"id,when,total\n2,2020-01-01,6\n")
    world.write("custom/goals.csv", b"id,when\ng,2020-01-01\n")
    fees = orders(columns={"amount": "fee", "order_id": {"template": "{id}-f"}})
    old = orders(path="old/*.csv")
    goals = orders(
        table="goals",
        path="goals.csv",
        columns={"amount": None, "order_id": None, "goal_id": "id", "started_at": "when"},
    )
    world.land("custom", inputs=parse(orders(), fees, old, goals))
    assert [len(world.rows(f"custom/{table}")) for table in ("orders", "goals")] == [3, 1]

    world.land("custom", inputs=parse(orders()))
    assert world.rows("custom/orders", "order_id") == [("1",)]
    assert world.rows("custom/goals") == []
    reasons = [world.quarantined(f"custom/{table}", "reason") for table in ("orders", "goals")]
    assert reasons == [[("superseded_file",)] * 2, [("superseded_file",)]]

    content = world.content()
    assert world.land("custom", inputs=parse(orders())).rows_landed == 0
    assert world.content() == content
    world.land("custom", inputs=parse(orders(), fees, old, goals))
    assert [len(world.rows(f"custom/{table}")) for table in ("orders", "goals")] == [3, 1]


def test_a_file_that_is_gone_or_moved_stays_while_an_input_names_it(world: World) -> None:
    gone = world.write("custom/orders1.csv", b"id,when,total\n1,2020-01-01,5\n")
    moved = world.write("custom/orders2.csv", b"id,when,total\n2,2020-01-01,5\n")
    world.land("custom", inputs=parse(orders()))
    gone.unlink()
    (world.folder / "exports/custom/new").mkdir()
    moved.rename(world.folder / "exports/custom/new/orders2.csv")
    world.land("custom", inputs=parse(orders()))
    assert world.rows("custom/orders", "order_id") == [("1",), ("2",)]
    # Now the path of the first is named by nobody; the second lies where the new path leads.
    world.land("custom", inputs=parse(orders(path="new/*.csv")))
    assert world.rows("custom/orders", "order_id") == [("2",)]
