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
    held: dict[str, set[str]] = defaultdict(set)
    for row in records_of("core_banking/accounts/**/*.parquet"):
        held[row["kyc_applicant_id"]].add(row["customer_id"])
    webhooks = records_of("sumsub/**/*.gz")
    real = [r for r in webhooks if not r["sandboxMode"] and r["applicantId"]]
    assert real
    assert all(r["externalUserId"] in held[r["applicantId"]] for r in real)
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
    owner = dict(
        truth.sql(
            """
            select lower(wallets.identifier_value), customers.identifier_value
            from identities as wallets
            left join identities as customers
                on wallets.person = customers.person
                and customers.identifier_type = 'customer_ref'
                and customers.identifier_value in (select customer_ref from customers)
            where wallets.identifier_type = 'wallet'
            """
        ).fetchall()
    )
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


def test_a_twelfth_of_the_customer_records_are_second_ones_of_somebody(
    truth: duckdb.DuckDBPyConnection,
) -> None:
    records, people = truth.sql(
        "select count(distinct identifier_value), count(distinct person) from identities "
        "where identifier_type = 'customer_ref'"
    ).fetchall()[0]
    assert 0.08 <= (records - people) / records < 0.12


def test_second_records_do_nothing(
    records_of: Records, truth: duckdb.DuckDBPyConnection, amplitude_rows: list[Any]
) -> None:
    second = {
        ref
        for (ref,) in truth.sql(
            "select identifier_value from identities where identifier_type = 'customer_ref' "
            "and identifier_value not in (select customer_ref from customers)"
        ).fetchall()
    }
    assert second
    accounts = records_of("core_banking/accounts/**/*.parquet")
    assert second <= {row["customer_id"] for row in accounts}
    theirs = {row["account_id"] for row in accounts if row["customer_id"] in second}
    assert not second & {row["user_id"] for _, _, row in amplitude_rows if row}
    for table in ("orders", "ledger_entries", "savings_goals"):
        moved = {row["account_id"] for row in records_of(f"core_banking/{table}/**/*.parquet")}
        assert not theirs & moved


def test_a_number_that_passes_on_is_in_the_record_of_who_gave_it_up_and_of_who_has_it(
    records_of: Records, truth: duckdb.DuckDBPyConnection
) -> None:
    told: dict[str, list[str]] = defaultdict(list)
    for row in sorted(
        records_of("core_banking/customers/**/*.parquet"), key=lambda row: row["updated_at"]
    ):
        digits = "".join(filter(str.isdigit, row["phone"]))
        told[row["customer_id"]].append(digits[-9:])
    passed = truth.sql(
        """
        select givers.identifier_value, refs.identifier_value, heirs.person
        from (from identities where identifier_type = 'phone' and until is not null) as givers
        inner join (from identities where identifier_type = 'phone' and until is null) as heirs
            using (identifier_value)
        inner join (from identities where identifier_type = 'customer_ref') as refs
            on givers.person = refs.person
        """
    ).fetchall()
    assert {heir[:2] for _, _, heir in passed} == {"pe", "le"}
    for phone, giver, _ in passed:
        versions = told[giver]
        assert versions[0] == phone[-9:] != versions[-1]


def test_mailboxes_and_numbers_are_shared_in_families(truth: duckdb.DuckDBPyConnection) -> None:
    for kind in ("email", "phone"):
        holders = truth.sql(
            f"""
            select count(distinct holders.person)
            from identities as holders
            inner join identities as refs using (person)
            where holders.identifier_type = '{kind}' and holders.until is null
                and refs.identifier_type = 'customer_ref'
            group by holders.identifier_value
            order by 1 desc
            """
        ).fetchall()
        assert holders[0][0] == 2
