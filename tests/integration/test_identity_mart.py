"""The mart of identity against its core tables, counted anew, and against who there really is."""

from collections.abc import Iterator

import duckdb
import numpy as np
import pandas as pd
import pytest

from tests.integration.company import ZONE, Company

KINDS = {
    "wallet_linked_rate": ["wallet"],
    "trading_account_linked_rate": ["account_id"],
    "marketing_linked_rate": ["contact_id", "profile_id", "advertising_id"],
}


@pytest.fixture(scope="module")
def build(company: Company) -> Iterator[duckdb.DuckDBPyConnection]:
    path = company.data / "warehouse/build.duckdb"
    with duckdb.connect(str(path), read_only=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def identifiers(build: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Every identifier of people who count: its customer, type, tier and local date."""
    found = build.execute(
        """
        select identifiers.*, types.tier, customers.is_test or customers.is_erased as is_out
        from core.dim_identifiers as identifiers
        inner join core.dim_customers as customers using (customer_id)
        inner join seeds.identifier_types as types using (identifier_type)
        where identifiers.first_seen_at is not null
        """
    ).df()
    found["date"] = (
        found["first_seen_at"].dt.tz_localize("UTC").dt.tz_convert(ZONE).dt.tz_localize(None)
    ).dt.normalize()
    return found[~found["is_out"]]


@pytest.fixture(scope="module")
def rows(company: Company) -> pd.DataFrame:
    mart = company.mart("kpi_identity_daily")
    mart["activity_date"] = pd.to_datetime(mart["activity_date"])
    return mart[mart["is_mature"]].reset_index(drop=True)


def days(rows: pd.DataFrame) -> list[int]:
    """Choose the first day, one in the middle and the last that is over."""
    return [0, len(rows) // 2, len(rows) - 1]


def test_customers_and_their_links_are_those_of_the_map(
    rows: pd.DataFrame, identifiers: pd.DataFrame
) -> None:
    for row in (rows.loc[day] for day in days(rows)):
        seen = identifiers[identifiers["date"] <= row["activity_date"]]
        known = set(seen.loc[seen["tier"].isin(["strong", "medium"]), "customer_id"])
        ours = seen[seen["customer_id"].isin(known)]
        assert row["customer_count"] == len(known)
        assert row["identifier_count"] == len(seen)
        assert row["orphan_identifier_count"] == len(seen) - len(ours)
        linked = {
            rate: set(ours.loc[ours["identifier_type"].isin(kinds), "customer_id"])
            for rate, kinds in KINDS.items()
        }
        linked["fully_linked_rate"] = set.intersection(*linked.values())
        for rate, customers in linked.items():
            assert row[f"{rate}_numerator"] == len(customers), rate
            assert row[f"{rate}_denominator"] == len(known)
        sizes = ours["customer_id"].value_counts().to_numpy()
        assert row["largest_cluster_size"] == sizes.max()
        assert row["cluster_size_p99"] == np.percentile(sizes, 99, method="inverted_cdf")


def test_refusals_are_counted_where_their_evidence_was_seen(
    build: duckdb.DuckDBPyConnection, rows: pd.DataFrame, identifiers: pd.DataFrame
) -> None:
    refused = build.execute("select * from resolver.identity_reviews").df()
    assert rows["blocked_edge_count"].sum() == pytest.approx(len(refused), abs=2)
    assert len(refused) > 5
    is_refused = identifiers["identifier_key"].isin(refused["identifier_key"])
    for row in (rows.loc[day] for day in days(rows)):
        since = row["activity_date"] - pd.Timedelta(days=29)
        is_new = identifiers["date"].between(since, row["activity_date"])
        assert row["conflicting_identifier_rate_numerator"] == (is_new & is_refused).sum()
        assert row["conflicting_identifier_rate_denominator"] == is_new.sum()


def test_as_many_customers_are_known_as_there_are_people(
    company: Company, rows: pd.DataFrame
) -> None:
    truth = pd.read_parquet(company.root / "truth" / "identities.parquet")
    kinds = ["customer_ref", "contact_id", "kyc_applicant_id", "email", "phone"]
    people = truth.loc[truth["identifier_type"].isin(kinds), "person"].nunique()
    known = rows["customer_count"].iloc[-1]
    # Testers are left out; second records that nothing links count as people.
    assert 0.85 * people <= known <= 1.15 * people
