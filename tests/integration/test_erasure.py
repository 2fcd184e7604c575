"""A forgotten customer is in no file that is ours, never comes back, and stays counted."""

import gzip
import json
from collections import Counter
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from ingestion.erasure.erasing import read_log
from orchestration.erase_command import Whom, erase_person, find_people
from orchestration.places import main_places
from tests.integration.company import Company, copied, write_config
from tests.integration.lake import BATCH
from tests.integration.scanner import Scanner
from tests.integration.truth import REASONS

_IDENTIFIERS = """
    select resolved.customer_id, known.identifier_type, known.identifier_value
    from identity.identity_identifiers as known
    inner join resolver.identifier_customers as resolved using (identifier_key)
    where not known.is_blocked
    order by all
"""


def people_of(company: Company) -> dict[str, set[tuple[str, str]]]:
    """Every customer's identifiers, as the build knows them."""
    with duckdb.connect(str(company.data / "warehouse/build.duckdb"), read_only=True) as build:
        rows = build.execute(_IDENTIFIERS).fetchall()
    people: dict[str, set[tuple[str, str]]] = {}
    for customer, type_, value in rows:
        people.setdefault(customer, set()).add((type_, value))
    return people


def requested(company: Company) -> set[str]:
    """The customers whom sources ask to forget."""
    with duckdb.connect(str(company.data / "warehouse/build.duckdb"), read_only=True) as build:
        rows = build.execute(
            "select distinct customer_id from resolver.identifier_customers "
            "inner join identity.identity_erasures using (identifier_key)"
        ).fetchall()
    return {customer for (customer,) in rows}


def richest(people: dict[str, set[tuple[str, str]]], *, but: set[str]) -> str:
    """The customer with most types of identifiers."""
    kinds = {
        customer: len({type_ for type_, _ in known})
        for customer, known in people.items()
        if customer not in but
    }
    return max(sorted(kinds), key=kinds.__getitem__)


def deliver_again(exports: Path) -> None:
    """Write a file of events anew, the same records in other bytes: its rows land once more."""
    newest = max(exports.glob("amplitude/*#*.json.gz"), key=lambda path: path.stat().st_size)
    records = [json.loads(line) for line in gzip.decompress(newest.read_bytes()).splitlines()]
    text = "".join(f"{json.dumps(record)}\n" for record in records)
    newest.write_bytes(gzip.compress(text.encode(), mtime=1))


@pytest.fixture(scope="module")
def forgetful(small_company: Company, tmp_path_factory: pytest.TempPathFactory) -> Company:
    """A copy of the company, whose runs carry requests out."""
    mine = copied(small_company, tmp_path_factory.mktemp("forgetful") / "company")
    write_config(mine.root, forgets=True)
    return mine


def test_a_forgotten_customer_is_nowhere_and_counted(
    forgetful: Company, small_company: Company, capsys: pytest.CaptureFixture[str]
) -> None:
    people = people_of(forgetful)
    asked = requested(forgetful)
    assert asked
    chosen = richest(people, but=asked)
    types = Counter(type_ for type_, _ in people[chosen])
    assert {"customer_ref", "account_id", "profile_id", "email", "device_id"} <= set(types)
    gone = {chosen, *asked}
    scanner = Scanner(one for customer in gone for one in people[customer])
    before = scanner.found(forgetful.data)
    assert {scanner.needles[one] for one in before} == scanner.identifiers, "it sees all of them"
    assert any(place.startswith("lake/") for places in before.values() for place in places)
    assert any("build.duckdb" in place for places in before.values() for place in places)
    assert any("state" in place for places in before.values() for place in places)

    erase_person(
        forgetful.config, Whom(customer=chosen), dry_run=False, yes=True, wait=False, as_json=True
    )
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert told["rows"] > 0
    assert told["exports"]
    left = Scanner(people[chosen]).found(forgetful.data)
    assert left == {}, "already before the next run"

    deliver_again(forgetful.exports)
    assert forgetful.run() == 0
    assert scanner.found(forgetful.data) == {}
    assert requested(forgetful) == set()

    log = read_log(forgetful.data / "lake")
    assert [one.asked_by for one in log] == ["command", "source"]
    assert all(one.verified_at is not None and one.rows > 0 for one in log)
    assert_counted(small_company, forgetful, rows=sum(one.rows for one in log))

    found = find_people(
        main_places(forgetful.data), Whom(asked=sorted(people[chosen])), next_step=""
    )
    assert found.requests == (), "there is nobody left to forget"


def assert_counted(company: Company, forgetful: Company, *, rows: int) -> None:
    """Compare the marts of before with those of after."""
    before, after = (
        one.mart("kpi_data_hygiene_daily").set_index(BATCH) for one in (company, forgetful)
    )
    assert (after["received_count"] == sum(after[f"{one}_count"] for one in REASONS)).all()
    # What came again with other bytes is received once more; nothing else changed in number.
    again = after["received_count"].sub(before["received_count"], fill_value=0)
    assert (again[again != 0].reset_index()["source_name"] == "amplitude").all()
    others = [one for one in before.index if one[0] != "amplitude"]
    for reason in ("received", "quarantined"):
        same = before.loc[others, f"{reason}_count"], after.loc[others, f"{reason}_count"]
        pd.testing.assert_series_equal(*same)
    assert (after.loc[others, "erased_count"] >= before.loc[others, "erased_count"]).all()
    assert after["erased_count"].sum() >= rows
    for mart, keys, column in (
        ("kpi_feature_adoption_weekly", ["feature_id", "week_start_date"], "exposed_enabled_count"),
        ("kpi_return_adoption", ["feature_id", "cohort_week_start_date"], "first_time_user_count"),
    ):
        figures = [one.mart(mart).set_index(keys)[column] for one in (company, forgetful)]
        less = figures[0].sub(figures[1], fill_value=0)
        assert less.isin([0, 1]).all(), "one customer is missing, and nobody else"
