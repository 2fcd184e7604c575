"""The vendors' own layouts: names of files, envelopes, clocks, types."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import fastavro
import orjson
import pytest
import yaml

from tests.unit.simulation.conftest import read_records

PATTERNS = {
    "sumsub": r"webhooks/\d{4}-\d\d-\d\d/part-\d{5}\.jsonl\.gz",
    "segment": (
        r"(tracks|identifies|aliases|experiment_viewed)/\d{4}-\d\d-\d\d/part-\d{5}\.parquet"
    ),
    "wallets": r"(sign_ins|wallet_links)/\d{4}-\d\d-\d\d/part-\d{5}\.jsonl\.gz",
    "crm": r"(contacts|campaigns|spend)/exported_at=\d{4}-\d\d-\d\dT23/part-\d{5}\.csv",
    "amplitude": r"(187520_{day}_\d{1,2}#\d+|-36958_{day}_\d{1,2})\.json\.gz",
    "braze": (
        r"dataexport\.prod-05\.S3\.integration\.5f1c/event_type=users\.[A-Za-z.]+/"
        r"date=\d{4}-\d\d-\d\d-23/453/prod-05/"
        r"dataexport\.prod-05\.S3\.integration\.5f1c\+\d+\+000000\.avro"
    ),
    "core_banking": r"[a-z_]+/extracted_at=\d{4}-\d\d-\d\dT23/part-\d{5}\.parquet",
    "zendesk": r"(tickets|satisfaction_ratings|survey_responses)/\d{4}-\d\d-\d\d/page-\d{4}\.json",
    "zigpoll": r"responses/\d{4}-\d\d-\d\d/page-\d{4}\.json",
    "decisioning": r"(decisions|filter_reviews)/{day}/part-\d{5}\.jsonl\.gz|content/content\.csv",
    "experimentation": (
        r"(assignments|exposures)/\d{4}-\d\d-\d\d/part-\d{5}\.jsonl\.gz|"
        r"(experiments|features|overrides|stages|releases)/"
        r"(experiments|features|overrides|stages|releases)\.csv"
    ),
}


@pytest.mark.parametrize("source", PATTERNS)
def test_files_are_named_as_the_vendor_names_them(company: Path, source: str) -> None:
    folder = company / "exports" / source
    names = [str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()]
    assert names
    pattern = PATTERNS[source].replace("{day}", r"\d{4}-\d\d-\d\d")
    assert not [name for name in names if not re.fullmatch(pattern, name)]


def test_exports_hold_the_fields_that_the_contracts_name(
    company: Path, records_of: Callable[[str], list[Any]]
) -> None:
    contracts = Path(__file__).parents[3] / "ingestion/contracts"
    for source in PATTERNS:
        contract = yaml.safe_load((contracts / f"{source}.yml").read_text())
        for name, table in contract["tables"].items():
            globs = table["files"] if isinstance(table["files"], list) else [table["files"]]
            paths = [p for glob in globs for p in (company / "exports" / source).glob(glob)]
            if name in ("survey_responses", "overrides"):
                continue
            records = records_of(str(paths[0].relative_to(company / "exports")))
            for key, field in table["fields"].items():
                if field.get("required") and not field.get("from_path"):
                    assert any(r.get(field.get("from", key)) is not None for r in records), key


def test_amplitudes_clocks_follow_the_vendors_rule(
    amplitude_rows: list[tuple[str, int, Any]],
) -> None:
    skewed = 0
    for _, _, row in amplitude_rows:
        if row is None:
            continue
        names = ("client_event_time", "client_upload_time", "server_received_time", "event_time")
        try:
            happened, uploaded, arrived, corrected = (
                datetime.fromisoformat(row[name]) for name in names
            )
        except ValueError:
            continue
        skew = arrived - uploaded
        is_off = abs(skew) >= timedelta(minutes=1)
        skewed += is_off
        assert corrected == (happened + skew if is_off else happened)
    assert skewed


def test_every_in_session_event_says_its_origin_and_expiry(
    amplitude_rows: list[tuple[str, int, Any]],
) -> None:
    origins: dict[tuple[str, int], set[str]] = {}
    endless = 0
    for _, _, row in amplitude_rows:
        if row is None or not row["device_id"]:
            continue
        properties = row["event_properties"]
        assert ("user_agent" in properties) == (row["platform"] == "Web")
        if row["session_id"] == -1:
            assert row["platform"] == "Server"
            continue
        endless += "session_expires_at" not in properties
        origins.setdefault((row["device_id"], row["session_id"]), set()).add(
            properties["session_origin"]
        )
    assert {len(found) for found in origins.values()} == {1}
    # Only zombies forgot when their session was to end.
    assert 0 < endless < len(amplitude_rows) / 100


def test_files_hold_the_hour_or_day_of_their_receipt(
    amplitude_rows: list[tuple[str, int, Any]],
) -> None:
    for file, _, row in amplitude_rows:
        if row is not None:
            received = datetime.fromisoformat(row["server_upload_time"])
            assert file.startswith(f"187520_{received.date()}_{received.hour}#")


def test_braze_files_carry_the_vendors_schema(company: Path) -> None:
    for path in (company / "exports/braze").rglob("*.avro"):
        with path.open("rb") as file:
            reader = fastavro.reader(file)
            schema = reader.writer_schema
            assert isinstance(schema, dict)
            kinds = {field["name"]: field["type"] for field in schema["fields"]}
        assert kinds["id"] == kinds["user_id"] == "string"
        assert kinds["time"] == ("long" if "whatsapp" in str(path) else "int")
        assert "event_type" not in kinds


def test_braze_rows_wait_for_their_queue_hour_and_no_longer_than_a_day_unless_held_up(
    company: Path,
) -> None:
    waits = []
    for path in (company / "exports/braze").rglob("*.avro"):
        text = next(part for part in path.parts if part.startswith("date="))
        queued = datetime.strptime(f"{text}+0000", "date=%Y-%m-%d-%H%z").timestamp()
        waits += [queued - row["time"] for row in read_records(path)]
    assert min(waits) >= 0
    assert sum(wait > 86_400 for wait in waits) < 0.06 * len(waits)


def test_nameless_braze_messages_can_be_linked_by_the_braze_id(
    records_of: Callable[[str], list[Any]],
) -> None:
    rows = records_of("braze/**/*.avro")
    named = {row["user_id"] for row in rows if row["external_user_id"]}
    merged = {row["user_id"] for row in rows if "orphaned_by_id" in row}
    nameless = {row["user_id"] for row in rows if not row["external_user_id"]}
    assert nameless
    assert nameless <= named | merged


def test_every_zendesk_requester_is_named_by_a_ticket(
    records_of: Callable[[str], list[Any]],
) -> None:
    tickets = records_of("zendesk/tickets/**/*.json")
    named = {t["requester_id"] for t in tickets if t["custom_fields"][0]["value"]}
    assert {t["requester_id"] for t in tickets} == named
    assert {
        r["requester_id"] for r in records_of("zendesk/satisfaction_ratings/**/*.json")
    } <= named


@pytest.mark.parametrize(
    ("source", "flag", "last"),
    [
        ("zendesk/tickets", "end_of_stream", True),
        ("zigpoll/responses", "hasNextPage", False),
    ],
)
def test_only_the_last_page_of_a_day_ends_it(
    company: Path, source: str, flag: str, last: bool
) -> None:
    several = 0
    for day in (company / "exports" / source).iterdir():
        pages = sorted(day.iterdir())
        several += len(pages) > 1
        ends = [orjson.loads(page.read_bytes())[flag] == last for page in pages]
        assert ends == [False] * (len(pages) - 1) + [True]
    assert several


def test_amounts_are_decimals_and_the_first_extract_is_fresh(company: Path) -> None:
    folder = company / "exports/core_banking"
    kinds = (
        duckdb.connect().execute(f"describe from '{folder}/ledger_entries/**/*.parquet'").fetchall()
    )
    assert {name: kind for name, kind, *_ in kinds}["amount"] == "DECIMAL(18,2)"
    late = (
        duckdb.connect()
        .execute(
            f"select count(*) from '{folder}/customers/extracted_at=2025-09-01T23/*.parquet' "
            "where updated_at not between timestamptz '2025-08-30 23:00:00+00' "
            "and timestamptz '2025-09-01 23:00:00+00'"
        )
        .fetchall()
    )
    assert late == [(0,)]


def test_shared_tablets_only_see_people_who_are_logged_in(
    amplitude_rows: list[tuple[str, int, Any]], truth: duckdb.DuckDBPyConnection
) -> None:
    query = (
        "select distinct shared_device from customers "
        "where shared_device is not null and not (is_staff or is_test)"
    )
    shared = {device for (device,) in truth.sql(query).fetchall()}
    users: dict[str, set[str]] = {}
    for _, _, row in amplitude_rows:
        if row is not None and row["device_id"] in shared:
            assert row["user_id"]
            users.setdefault(row["device_id"], set()).add(row["user_id"])
    assert max(map(len, users.values())) > 5
