"""Customers against the truth: the sources that say who is who make no two people one."""

from collections.abc import Iterator

import duckdb
import pytest

from tests.integration.company import Company


@pytest.fixture(scope="module")
def resolved(company: Company) -> Iterator[duckdb.DuckDBPyConnection]:
    """Give `resolved`: each identifier whose owner is known, with its owner and its customer."""
    truth = company.root / "truth"
    connection = duckdb.connect()
    connection.execute(
        f"attach '{company.data / 'warehouse/build.duckdb'}' as build (read_only)",
    )
    connection.execute(
        f"""
        create table resolved as
        with known as (
            select 'customer_ref' as type, customer_ref as value, customer_ref as owner
            from '{truth}/customers.parquet'
            union all
            select 'account_id', unnest(account_ids), customer_ref
            from '{truth}/customers.parquet'
            union all
            select 'device_id', unnest(devices), customer_ref from '{truth}/customers.parquet'
            union all
            select 'contact_id', contact_id, customer_ref from '{truth}/contacts.parquet'
            union all
            select 'wallet', wallet, customer_ref from '{truth}/wallets.parquet'
            union all
            select 'anonymous_id', anonymous_id, customer_ref
            from '{truth}/anonymous_ids.parquet'
        )
        select distinct
            known.type, known.value, coalesce(known.owner, 'nobody ' || known.value) as owner,
            mapping.customer_id
        from known
        inner join build.identity.identity_identifiers as identifiers
            on known.type = identifiers.identifier_type
            and known.value = identifiers.identifier_value
        inner join build.resolver.identifier_customers as mapping
            on identifiers.identifier_key = mapping.identifier_key
        """
    )
    yield connection
    connection.close()


def test_no_customer_is_two_people(resolved: duckdb.DuckDBPyConnection) -> None:
    fused = resolved.execute(
        "select customer_id from resolved group by all having count(distinct owner) > 1"
    ).fetchall()
    assert fused == []


@pytest.mark.parametrize("kind", ["account_id", "contact_id", "wallet", "anonymous_id"])
def test_most_identifiers_reach_their_owner(resolved: duckdb.DuckDBPyConnection, kind: str) -> None:
    reached, known = resolved.execute(
        """
        select count(own.customer_id), count(*)
        from resolved
        left join resolved as own
            on own.type = 'customer_ref'
            and resolved.owner = own.value
            and resolved.customer_id = own.customer_id
        where resolved.type = $kind and resolved.owner not like 'nobody%'
        """,
        {"kind": kind},
    ).fetchall()[0]
    assert known > 20
    least = {"account_id": 1.0, "contact_id": 0.8, "wallet": 0.95, "anonymous_id": 0.6}[kind]
    assert reached / known >= least


def test_nobodys_wallet_has_no_customer(resolved: duckdb.DuckDBPyConnection) -> None:
    shared = resolved.execute(
        """
        select count(*)
        from resolved inner join resolved as own
            on own.type = 'customer_ref' and resolved.customer_id = own.customer_id
        where resolved.type = 'wallet' and resolved.owner like 'nobody%'
        """
    ).fetchall()[0][0]
    assert shared == 0
