"""Batches and marts for the gates' tests."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pandas as pd
import yaml

import warehouse
from expectations.thresholds import DEFAULT_PATH

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

FIRST_DAY = date(2026, 1, 1)
HEALTHY = {
    "judged_count": 2500,
    "duplication_rate": 0.025,
    "contract_pass_rate": 0.9995,
    "completeness_rate": 0.99,
    "stale_rate": 0.002,
    "bot_rate": 0.02,
    "test_rate": 0.01,
    "expired_session_rate": 0.005,
    "unmapped_rate": 0.001,
    "bot_rate_rise": 0.001,
    "usual_bot_day_count": 28,
}


def batch(
    day: int = 0, *, source: str = "amplitude", table: str = "events", **changes: float | None
) -> dict[str, object]:
    return {
        "source_name": source,
        "table_name": table,
        "received_date": FIRST_DAY + timedelta(days=day),
        **HEALTHY,
        **changes,
    }


def store_batches(
    connection: duckdb.DuckDBPyConnection, *batches: dict[str, object], without: str = ""
) -> None:
    frame = pd.DataFrame(batches or [batch()]).drop(columns=without or [])
    frame["received_date"] = pd.to_datetime(frame["received_date"]).dt.date
    warehouse.write_table(connection, "core.fct_batch_hygiene", frame)
    if not batches:
        connection.execute("delete from core.fct_batch_hygiene")


def only(folder: Path, *rule_ids: str) -> Path:
    """Write some of the shipped rules to a file of their own: a run takes as long as its rules."""
    rules = yaml.safe_load(DEFAULT_PATH.read_text())["thresholds"]
    chosen = [rule for rule in rules if rule["id"] in rule_ids]
    assert len(chosen) == len(rule_ids)
    path = folder / "only.yml"
    path.write_text(yaml.safe_dump({"thresholds": chosen}))
    return path


def results(connection: duckdb.DuckDBPyConnection, where: str = "true") -> list[tuple[str, ...]]:
    return connection.execute(
        f"select subject, metric, severity, status from gates.results where {where}"
    ).fetchall()
