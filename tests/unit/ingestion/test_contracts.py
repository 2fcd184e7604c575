from pathlib import Path

import pytest

from ingestion.contracts import ContractError, load_contract, load_contracts

CONTRACT = """
source: shop
owner: sales
sla_hours: 24
tables:
  orders:
    canonical: orders
    files: "*.csv"
    format: csv
    key: [order_id]
    event_at: ordered_at
    fields:
      order_id: {type: string, from: OrderID, required: true}
      ordered_at: {type: timestamp, required: true}
      amount: {type: "decimal(18,2)"}
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "shop.yml"


def test_every_contract_of_the_project_is_valid() -> None:
    contracts = load_contracts()
    assert {"amplitude", "braze", "core_banking", "custom", "zendesk"} <= contracts.keys()
    events = contracts["amplitude"].tables["events"]
    assert events.fields["insert_id"].source_name == "$insert_id"
    assert events.sla_hours == 168
    assert contracts["braze"].tables["messages"].received_path is not None


def test_a_table_inherits_from_its_source_and_may_say_null(path: Path) -> None:
    path.write_text(CONTRACT)
    assert load_contract(path).tables["orders"].sla_hours == 24
    path.write_text(CONTRACT.replace("    format: csv", "    format: csv\n    sla_hours: null"))
    assert load_contract(path).tables["orders"].sla_hours is None


def test_fields_keep_their_order_and_names(path: Path) -> None:
    path.write_text(CONTRACT)
    fields = load_contract(path).tables["orders"].fields
    assert list(fields) == ["order_id", "ordered_at", "amount"]
    assert fields["order_id"].source_name == "OrderID"
    assert fields["amount"].lake_type == "DECIMAL(18,2)"


@pytest.mark.parametrize(
    ("old", "new", "key", "value"),
    [
        ("type: string", "type: text", "tables.orders.fields.order_id.type", "text"),
        ('"decimal(18,2)"', '"decimal(2,18)"', "tables.orders.fields.amount.type", "decimal(2,18)"),
        ("key: [order_id]", "key: [oder_id]", "tables.orders.key", "oder_id"),
        ("event_at: ordered_at", "event_at: amount", "tables.orders.event_at", "amount"),
        ("format: csv", "format: xml", "tables.orders.format", "xml"),
        ("required: true}", "requierd: true}", "tables.orders.fields.order_id.requierd", True),
        ("format: csv", "format: csv\n    received_path: '[0-9'", "received_path", "[0-9"),
        ("format: csv", "format: csv\n    records: data", "tables.orders.records", "data"),
    ],
)
def test_an_error_names_file_key_value_rule_and_remedy(
    path: Path, old: str, new: str, key: str, value: object
) -> None:
    path.write_text(CONTRACT.replace(old, new, 1))
    with pytest.raises(ContractError) as caught:
        load_contract(path)
    violation = caught.value.violations[0]
    assert violation.file == "shop.yml"
    assert violation.key.endswith(key)
    assert violation.value == value
    assert violation.rule
    assert violation.remedy.endswith(".")


def test_a_broken_file_is_named_with_its_line(path: Path) -> None:
    path.write_text("source: [")
    with pytest.raises(ContractError, match=r"shop\.yml: line"):
        load_contract(path)
