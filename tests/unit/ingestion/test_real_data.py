"""Files written by none of us, through `custom`, against the counts published with them."""

import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingestion.contracts import load_contracts
from ingestion.custom import parse_inputs
from ingestion.landing import TableSummary, land
from ingestion.sources import SourceFiles
from warehouse import connect

REAL_DATA = Path(os.environ.get("TRUSTLIFT_REAL_DATA", "../shared/data"))
pytestmark = pytest.mark.skipif(
    not REAL_DATA.is_dir(),
    reason=f"no real data in {REAL_DATA}: set TRUSTLIFT_REAL_DATA to its folder",
)


def take(lake: Path, document: dict[str, Any]) -> TableSummary:
    contracts = load_contracts()
    inputs = parse_inputs([document], contracts["custom"], file="test", key="inputs")
    summary = land([SourceFiles("custom", REAL_DATA, inputs)], lake, contracts=contracts)
    return summary.tables[0]


def query(lake: Path, table: str, sql: str) -> Any:
    with connect(None) as connection:
        scan = f"'{lake}/custom/{table}/*/*.parquet'"
        return connection.execute(f"select {sql} from {scan}").fetchall()[0]


def test_the_access_log_has_one_malformed_line(tmp_path: Path) -> None:
    summary = take(
        tmp_path,
        {
            "table": "events",
            "path": "apache_access.log",
            "format": "combined_log",
            "columns": {
                "event_at": {"from": "time", "format": "%d/%b/%Y:%H:%M:%S %z"},
                "event_name": "method",
                "platform": {"value": "Web"},
                "target_id": "path",
                "user_agent": "user_agent",
                "ip": "ip",
                "anonymous_id": {"digest": ["ip", "user_agent"]},
            },
        },
    )
    assert (summary.rows_landed, summary.rows_quarantined) == (9_999, {"malformed_line": 1})


def test_the_orders_add_up_to_the_cent(tmp_path: Path) -> None:
    summary = take(
        tmp_path,
        {
            "table": "orders",
            "path": "cdnow_orders.txt",
            "format": "lines",
            "skip_lines": 1,
            "pattern": r"^\s*(?P<customer>[0-9]+)\s+(?P<day>[0-9]{8})"
            r"\s+(?P<quantity>[0-9]+)\s+(?P<amount>[0-9.]+)\s*$",
            "columns": {
                "event_at": {"from": "day", "format": "%Y%m%d"},
                "customer_ref": "customer",
                "quantity": "quantity",
                "amount": "amount",
                "currency_code": {"value": "USD"},
            },
        },
    )
    assert (summary.rows_landed, summary.rows_quarantined) == (69_659, {})
    sums = "count(distinct customer_ref), sum(quantity)::bigint, sum(amount)"
    assert query(tmp_path, "orders", sums) == (23_570, 167_881, Decimal("2500315.63"))


@pytest.mark.parametrize("name", ["bts_men", "random_men"])
def test_the_recommendations_keep_their_propensities(tmp_path: Path, name: str) -> None:
    summary = take(
        tmp_path,
        {
            "table": "decisions",
            "path": f"open_bandit/{name}.csv",
            "format": "csv",
            "columns": {
                "event_at": "timestamp",
                "decided_at": "timestamp",
                "decision_id": {"template": f"{name}-{{column0}}"},
                "feature_id": {"value": "recommendations"},
                "candidate_id": "item_id",
                "propensity": "propensity_score",
            },
        },
    )
    assert (summary.rows_landed, summary.rows_quarantined) == (10_000, {})
    distinct = "count(distinct decision_id), count(propensity), min(propensity) > 0"
    assert query(tmp_path, "decisions", distinct) == (10_000, 10_000, True)


def test_the_contacts_all_land(tmp_path: Path) -> None:
    summary = take(
        tmp_path,
        {
            "table": "contacts",
            "path": "contacts_fake_1000.csv",
            "format": "csv",
            "columns": {
                "event_at": {"value": "2020-01-01"},
                "contact_id": "unique_id",
                "first_name": "first_name",
                "last_name": "surname",
                "date_of_birth": "dob",
                "city": "city",
                "email": "email",
            },
        },
    )
    assert (summary.rows_landed, summary.rows_quarantined) == (1_000, {})
