"""The truth's rows against the exports, read back by other code than wrote them."""

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import pytest

from simulation.reasons import REASONS
from simulation.truth import LABELS
from simulation.user_agents import MACHINES
from tests.unit.simulation.conftest import SMALL, read_records

KINDS = {
    "bot": {
        *("user_agent", "rate", "cadence", "robots_txt", "stealth"),
        *("machine_open", "suspected_click"),
    },
    "session_fault": {"expired", "zombie"},
    "tester": {"customer", "device"},
}
AS_OF = SMALL.as_of.replace(tzinfo=None)


def test_every_exported_row_is_in_the_truth_once(
    company: Path, truth: duckdb.DuckDBPyConnection
) -> None:
    exported = Counter(
        {
            (
                path.parts[len(company.parts) + 1],
                "/".join(path.parts[len(company.parts) + 2 :]),
            ): len(read_records(path))
            for path in (company / "exports").rglob("*")
            if path.is_file()
        }
    )
    known = truth.sql(
        "select source_name, source_file, count(*), count(distinct line_number), max(line_number) "
        "from received_rows group by all"
    ).fetchall()
    assert Counter({(source, file): rows for source, file, rows, *_ in known}) == exported
    assert all(rows == lines == last for *_, rows, lines, last in known)


def test_keys_are_unique_within_a_table(truth: duckdb.DuckDBPyConnection) -> None:
    query = (
        "select count(*), count(distinct (source_name, table_name, record_key)) from received_rows"
    )
    rows, keys = truth.sql(query).fetchall()[0]
    assert rows == keys


def test_every_reason_and_flag_occurs(truth: duckdb.DuckDBPyConnection) -> None:
    found = truth.sql("select distinct expected_reason from received_rows").fetchall()
    assert {reason for (reason,) in found} == set(REASONS)
    for flag in ("is_near_duplicate", "is_clock_error", "is_late"):
        assert truth.sql(f"select count(*) from received_rows where {flag}").fetchall() != [(0,)]
    for label in LABELS:
        found = truth.sql(f"select distinct {label} from received_rows").fetchall()
        assert {name for (name,) in found} == {None, *KINDS[label]}


def test_nothing_is_received_at_the_end_or_later(truth: duckdb.DuckDBPyConnection) -> None:
    (last,) = truth.sql("select max(received_date) from received_rows").fetchall()[0]
    assert last == (AS_OF - timedelta(days=1)).date()


def _moment(text: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except (TypeError, ValueError):
        return None


def _is_quarantined(row: Any) -> bool:
    if row is None:
        return True
    needed = ("uuid", "$insert_id", "app", "device_id", "event_type", "server_upload_time")
    happened, received = _moment(row["event_time"]), _moment(row["server_upload_time"])
    if any(row[name] is None for name in needed) or not isinstance(row["app"], int):
        return True
    assert received is not None
    return happened is None or happened > received + timedelta(minutes=5)


def _repeats(rows: list[tuple[str, int, Any]], key: Callable[[Any], Any]) -> set[tuple[str, int]]:
    seen: set[Any] = set()
    found = set()
    for file, line, row in sorted(rows, key=lambda r: (r[2]["server_upload_time"], r[2]["uuid"])):
        if key(row) in seen:
            found.add((file, line))
        seen.add(key(row))
    return found


def _machine_days(rows: list[Any]) -> set[tuple[str, date]]:
    """Find web devices and days with over 120 events a minute, a clock's rhythm, or robots.txt."""
    days = defaultdict(list)
    for row in {row["$insert_id"]: row for row in rows if row["platform"] == "Web"}.values():
        happened = _moment(row["event_time"])
        assert happened is not None
        days[row["device_id"], happened.date()].append((happened, row))
    found = set()
    for day, events in days.items():
        minutes = Counter(happened.replace(second=0, microsecond=0) for happened, _ in events)
        moments = sorted({happened for happened, _ in events})
        gaps = [later - earlier for earlier, later in pairwise(moments)]
        steady = [gap for before, gap in pairwise(gaps) if abs(gap - before) <= before / 10]
        asks = any(row["event_properties"].get("target_id") == "/robots.txt" for _, row in events)
        is_clock = len(steady) >= max(30, 0.8 * (len(gaps) - 1))
        lasts = sum(steady, timedelta()) >= timedelta(minutes=10)
        if max(minutes.values()) > 120 or (is_clock and lasts) or asks:
            found.add(day)
    return found


def _beginnings(rows: list[Any]) -> dict[tuple[str, int], datetime]:
    """Find the first moment of each session; outside a session there is no such thing."""
    began: dict[tuple[str, int], datetime] = defaultdict(lambda: AS_OF)
    for row in rows:
        happened = _moment(row["event_time"])
        assert happened is not None
        if row["session_id"] != -1:
            session = row["device_id"], row["session_id"]
            began[session] = min(began[session], happened)
    return began


def test_each_product_event_has_the_reason_that_its_content_shows(
    amplitude_rows: list[tuple[str, int, Any]], truth: duckdb.DuckDBPyConnection
) -> None:
    expected = {
        (file, line): reason
        for file, line, reason in truth.sql(
            "select source_file, line_number, expected_reason from received_rows "
            "where source_name = 'amplitude' and table_name = 'events'"
        ).fetchall()
    }
    internal = dict(truth.sql("select customer_ref, is_staff or is_test from customers").fetchall())
    erased = dict(truth.sql("select customer_ref, is_erased from customers").fetchall())
    owner = dict(
        truth.sql(
            "select unnest(devices) as device_id, customer_ref from customers union all "
            "select shared_device, min(customer_ref) from customers "
            "where is_staff or is_test group by all"
        ).fetchall()
    )
    landed = [row for row in amplitude_rows if not _is_quarantined(row[2])]
    machines = _machine_days([row for _, _, row in landed])
    began = _beginnings([row for _, _, row in landed])
    repeated = _repeats(landed, lambda r: (r["app"], r["device_id"], r["$insert_id"]))
    repeated |= _repeats(
        landed,
        lambda r: (
            r["device_id"],
            r["event_type"],
            r["client_event_time"],
            str(r["event_properties"]),
        ),
    )

    def reason(file: str, line: int, row: Any) -> str:
        if _is_quarantined(row):
            return "quarantined"
        customer = row["user_id"] or owner.get(row["device_id"])
        happened, received = _moment(row["event_time"]), _moment(row["server_upload_time"])
        assert happened is not None
        assert received is not None
        expires = _moment(row["event_properties"].get("session_expires_at")) or AS_OF
        rules = (
            ("duplicate", (file, line) in repeated),
            (
                "bot",
                row["event_properties"].get("user_agent") in MACHINES
                or (row["device_id"], happened.date()) in machines,
            ),
            ("test", internal.get(customer, False)),
            (
                "expired_session",
                happened > expires
                or happened >= began[row["device_id"], row["session_id"]] + timedelta(hours=12),
            ),
            ("stale", received - happened > timedelta(hours=168)),
            ("erased", erased.get(customer, False)),
        )
        return next((name for name, holds in rules if holds), "kept")

    found = {(file, line): reason(file, line, row) for file, line, row in amplitude_rows}
    assert found == expected


@pytest.mark.parametrize(
    ("source", "table", "pattern", "customer"),
    [
        ("decisioning", "decisions", "decisioning/decisions/**/*.gz", "customer_ref"),
        ("experimentation", "assignments", "experimentation/assignments/**/*.gz", "unit"),
        ("experimentation", "exposures", "experimentation/exposures/**/*.gz", "unit"),
        ("core_banking", "customers", "core_banking/customers/**/*.parquet", "customer_id"),
    ],
)
def test_internal_and_erased_customers_are_so_in_every_source(
    company: Path,
    truth: duckdb.DuckDBPyConnection,
    *,
    source: str,
    table: str,
    pattern: str,
    customer: str,
) -> None:
    special = dict(
        truth.sql(
            "select customer_ref, case when is_erased then 'erased' else 'test' end "
            "from customers where is_staff or is_test or is_erased"
        ).fetchall()
    )
    reasons = {
        (file, line): reason
        for file, line, reason in truth.sql(
            "select source_file, line_number, expected_reason from received_rows "
            f"where source_name = '{source}' and table_name = '{table}'"
        ).fetchall()
    }
    root = company / "exports" / source
    for path in sorted((company / "exports").glob(pattern)):
        for line, row in enumerate(read_records(path), 1):
            if row is None:
                continue
            reason = reasons[str(path.relative_to(root)), line]
            if row[customer] in special:
                assert reason in {special[row[customer]], "duplicate", "stale"}
            else:
                assert reason in {"kept", "duplicate", "stale"}
