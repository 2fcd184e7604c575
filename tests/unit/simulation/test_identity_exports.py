"""What the sources that say who is who export: Segment, Sumsub, the wallet service, the CRM."""

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

Records = Callable[[str], list[Any]]


def refs(truth: duckdb.DuckDBPyConnection, condition: str) -> set[str]:
    query = f"select customer_ref from customers where {condition}"
    return {ref for (ref,) in truth.sql(query).fetchall()}


def test_segments_clock_follows_the_vendors_rule(records_of: Records) -> None:
    skewed = 0
    for row in records_of("segment/**/*.parquet"):
        since = row["sent_at"] - row["original_timestamp"]
        assert row["timestamp"] == row["received_at"] - since
        skewed += abs(row["original_timestamp"] - row["timestamp"]) > timedelta(minutes=1)
    assert skewed


def test_a_warehouse_column_begins_with_its_first_value(company: Path) -> None:
    widths: dict[str, list[set[str]]] = defaultdict(list)
    for path in sorted((company / "exports/segment/tracks").glob("*/part-00000.parquet")):
        columns = set(pq.ParquetFile(path).schema_arrow.names)
        assert {"id", "event", "received_at", "timestamp"} <= columns
        widths[path.name].append(columns)
    (days,) = widths.values()
    assert days[0] < days[-1]
    assert all(earlier <= later for earlier, later in pairwise(days))


def test_an_exposure_is_a_track_of_the_same_id(records_of: Records) -> None:
    tracks = {r["id"] for r in records_of("segment/tracks/**/*.parquet")}
    viewed = {r["id"] for r in records_of("segment/experiment_viewed/**/*.parquet")}
    assert viewed
    # A row that each of them delivers on its own may come after the end in one of the two.
    assert len(viewed - tracks) <= 0.02 * len(viewed) + 4


def test_a_survey_tools_user_is_never_a_customer(
    records_of: Records, truth: duckdb.DuckDBPyConnection
) -> None:
    users = {
        r["user_id"]
        for r in records_of("segment/tracks/**/*.parquet")
        if r["event"] == "survey_completed"
    }
    participants = {r["participantId"] for r in records_of("zigpoll/**/*.json")}
    assert users & participants
    assert not users & refs(truth, "true")


def test_several_customers_log_in_at_the_public_computer(records_of: Records) -> None:
    users: dict[str, set[str]] = defaultdict(set)
    for row in records_of("segment/identifies/**/*.parquet"):
        if row.get("user_id"):
            users[row["anonymous_id"]].add(row["user_id"])
    assert max(map(len, users.values())) >= 3


def test_applicants_are_those_of_the_banking_core(records_of: Records) -> None:
    held = {
        r["kyc_applicant_id"]: r["customer_id"]
        for r in records_of("core_banking/accounts/**/*.parquet")
    }
    webhooks = records_of("sumsub/**/*.gz")
    real = [r for r in webhooks if not r["sandboxMode"] and r["applicantId"]]
    assert real
    assert all(held[r["applicantId"]] == r["externalUserId"] for r in real)
    played = [r for r in webhooks if r["sandboxMode"]]
    assert played
    assert not {r["applicantId"] for r in played} & held.keys()


def test_each_deletion_is_asked_of_one_vendor(
    records_of: Records, truth: duckdb.DuckDBPyConnection
) -> None:
    sumsub = {
        r["externalUserId"]
        for r in records_of("sumsub/**/*.gz")
        if r["type"] == "applicantDeleted" and not r["sandboxMode"]
    }
    braze = {r["external_user_id"] for r in records_of("braze/**/*UserDeleteRequest/**/*.avro")}
    assert sumsub
    assert braze
    assert not sumsub & braze
    assert sumsub | braze == refs(truth, "is_erased")


def test_a_wallet_is_unlinked_before_the_next_owner_links_it(records_of: Records) -> None:
    versions: dict[str, dict[str, Any]] = defaultdict(dict)
    for row in records_of("wallets/wallet_links/**/*.gz"):
        versions[row["wallet"].split("@")[0].split(":")[-1]][row["updated_at"]] = row
    moved = [
        [row for _, row in sorted(rows.items())]
        for rows in versions.values()
        if any(row["unlinked_at"] for row in rows.values())
    ]
    assert moved
    for rows in moved:
        linked, unlinked, again = rows
        assert linked["account_id"] == unlinked["account_id"] != again["account_id"]
        assert unlinked["unlinked_at"] < again["linked_at"]


def test_strangers_never_verify_and_many_hold_the_exchanges_address(
    records_of: Records, truth: duckdb.DuckDBPyConnection
) -> None:
    owner = dict(truth.sql("select lower(wallet), customer_ref from wallets").fetchall())
    strangers: Counter[bool] = Counter()
    for row in records_of("wallets/sign_ins/**/*.gz"):
        known = owner[f"eip155:1:{row['address'].lower()}"]
        if row["customer_ref"] not in {None, known}:
            strangers[row["is_verified"]] += 1
    assert strangers[False] > strangers[True]
    links = records_of("wallets/wallet_links/**/*.gz")
    held = Counter(row["wallet"] for row in links if row["proof_type"] == "deposit")
    assert max(held.values()) > 5
    assert any("@" in row["wallet"] for row in links)


@pytest.mark.parametrize("column", ["email", "phone"])
def test_contacts_are_spelled_as_people_spell(
    records_of: Records, truth: duckdb.DuckDBPyConnection, column: str
) -> None:
    own = {v for (v,) in truth.sql(f"select {column} from customers").fetchall()}
    told = {r[column] for r in records_of("crm/contacts/**/*.csv") if r[column]}
    assert told & own
    assert told - own


def test_messages_belong_to_campaigns_that_were_live(records_of: Records) -> None:
    live = {r["campaign_id"] for r in records_of("crm/campaigns/**/*.csv") if r["live_at"]}
    sent = {r.get("campaign_id") for r in records_of("braze/**/*email.Send/**/*.avro")}
    assert sent - {None} <= live
