"""What is pulled from a database lands as the bank's extracts do: same rows, same quarantine."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingestion.landing import land
from ingestion.sources import SourceFiles
from tests.integration.company import Company
from tests.integration.live.bank import SOURCE, Bank, contract

FIRST_EXTRACTS = 2
ALWAYS = timedelta(0)
Row = dict[str, Any]
Day = dict[str, list[Row]]


@pytest.fixture(scope="module")
def history(small_company: Company) -> dict[str, Day]:
    """What changed in the bank by extract: its hour, its tables, their rows."""
    found: dict[str, Day] = {}
    for path in sorted((small_company.exports / SOURCE).glob("*/extracted_at=*/*.parquet")):
        table, hour = path.parts[-3], path.parts[-2].removeprefix("extracted_at=")
        found.setdefault(hour, {}).setdefault(table, []).extend(
            pq.ParquetFile(path).read().to_pylist()
        )
    faulty = [hour for hour in sorted(found) if any(map(_is_faulty, found[hour]["ledger_entries"]))]
    chosen = sorted({*sorted(found)[:FIRST_EXTRACTS], *faulty[:1]})
    newest: dict[Any, datetime] = {}
    return {
        hour: {name: list(_changes(name, rows, newest)) for name, rows in found[hour].items()}
        for hour in chosen
    }


def _changes(table: str, rows: list[Row], newest: dict[Any, datetime]) -> Iterator[Row]:
    """Yield the versions that a database holds after a day: the latest of each record."""
    of_the_day: dict[Any, Row] = {}
    for row in sorted(rows, key=_changed):
        key = (table, *(row[part] for part in _key(table)))
        if key not in newest or _changed(row) > newest[key]:
            newest[key], of_the_day[key] = _changed(row), row
    yield from of_the_day.values()


def _is_faulty(entry: Row) -> bool:
    return entry["currency"] is None


def _changed(row: Row) -> datetime:
    changed: datetime = row.get("updated_at") or row["occurred_at"]
    return changed


def _key(table: str) -> list[str]:
    return [part for part in contract().tables[table].key if part != "updated_at"]


def _write_extracts(history: dict[str, Day], folder: Path) -> None:
    for hour, day in history.items():
        for table, rows in day.items():
            path = folder / table / f"extracted_at={hour}" / "part-00000.parquet"
            path.parent.mkdir(parents=True, exist_ok=True)
            if rows:
                pq.write_table(pa.Table.from_pylist(rows), path)


def test_a_company_pulled_day_by_day_equals_the_same_company_in_extracts(
    bank: Bank, history: dict[str, Day], tmp_path: Path
) -> None:
    bank.create()
    connector = bank.connector(compare_every=ALWAYS)
    for hour, day in history.items():
        for table, rows in day.items():
            bank.upsert(table, rows)
        over = datetime.strptime(hour, "%Y-%m-%dT%H").replace(tzinfo=UTC) + timedelta(hours=1)
        assert bank.pull(connector, over + timedelta(minutes=2)).state == "succeeded"
    bank.land()

    files = Bank(bank.connection, bank.uri, bank.schema, tmp_path / "files")
    _write_extracts(history, tmp_path / "files" / "extracts")
    land(
        [SourceFiles(SOURCE, tmp_path / "files" / "extracts")],
        files.lake,
        contracts={SOURCE: contract()},
    )
    counts = {"landed": 0, "quarantined": 0}
    for name, declared in contract().tables.items():
        columns = ", ".join(
            [*declared.fields, "_event_at", "_received_at", "_missing_expected_count"]
        )
        landed = files.landed(name, columns)
        assert bank.landed(name, columns) == landed
        quarantined = files.landed(name, "reason", below="_quarantine")
        assert bank.landed(name, "reason", below="_quarantine") == quarantined
        counts["landed"] += len(landed)
        counts["quarantined"] += len(quarantined)
    assert counts["landed"] > 500
    assert counts["quarantined"] > 0
