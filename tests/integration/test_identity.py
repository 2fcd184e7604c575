"""Customers against the truth: the sources that say who is who make no two people one."""

from collections.abc import Iterator

import duckdb
import pytest

from benchmarks.identity_partitions import read_identifiers
from benchmarks.identity_quality import DETERMINISTIC, PLAIN, Quality, compare, partitions
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
        with holders as (
            -- Who holds it now; what several hold is nobody's in particular.
            select
                identifier_type as type,
                identifier_value as value,
                case when count(distinct person) = 1 and count(person) = count(*)
                    then min(person) end as person
            from '{truth}/identities.parquet'
            where until is null
            group by all
        )
        select
            holders.type,
            holders.value,
            coalesce(holders.person, 'nobody ' || holders.value) as owner,
            mapping.customer_id
        from holders
        inner join build.identity.identity_identifiers as identifiers
            on holders.type = identifiers.identifier_type
            and holders.value = identifiers.identifier_value
        inner join build.resolver.identifier_customers as mapping
            on identifiers.identifier_key = mapping.identifier_key
        """
    )
    yield connection
    connection.close()


def test_no_customer_of_the_bank_is_two_people(resolved: duckdb.DuckDBPyConnection) -> None:
    fused = resolved.execute(
        """
        select customer_id from resolved
        where owner not like 'nobody%'
        group by all
        having count(distinct owner) > 1 and count(*) filter (type = 'customer_ref') > 0
        """
    ).fetchall()
    assert fused == []


@pytest.mark.parametrize(
    ("kind", "least"),
    [("account_id", 0.9), ("contact_id", 0.75), ("wallet", 0.95), ("anonymous_id", 0.6)],
)
def test_most_identifiers_reach_their_owner(
    resolved: duckdb.DuckDBPyConnection, kind: str, least: float
) -> None:
    reached, known = resolved.execute(
        """
        select count(own.customer_id), count(*)
        from resolved
        left join (
            select owner, customer_id from resolved
            where type = 'customer_ref'
            qualify row_number() over (partition by owner order by value) = 1
        ) as own
            on resolved.owner = own.owner and resolved.customer_id = own.customer_id
        where resolved.type = $kind
            and resolved.owner in (select owner from resolved where type = 'customer_ref')
        """,
        {"kind": kind},
    ).fetchall()[0]
    assert known > 20
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


def test_a_number_that_passed_on_is_no_longer_its_former_owners(
    company: Company, resolved: duckdb.DuckDBPyConnection
) -> None:
    passed = resolved.execute(
        f"""
        select phones.customer_id, givers.customer_id
        from '{company.root}/truth/identities.parquet' as former
        inner join '{company.root}/truth/identities.parquet' as present
            on former.identifier_value = present.identifier_value
            and present.identifier_type = 'phone' and present.until is null
        inner join resolved as phones
            on phones.type = 'phone' and phones.value = former.identifier_value
        inner join resolved as givers
            on givers.type = 'customer_ref' and givers.owner = former.person
        where former.identifier_type = 'phone' and former.until is not null
        """
    ).fetchall()
    assert len(passed) >= 2
    assert all(phone != giver for phone, giver in passed)


@pytest.fixture(scope="module")
def quality(company: Company) -> Quality:
    """Score the company's customers beside simpler ways to make them."""
    build = company.data / "warehouse/build.duckdb"
    with duckdb.connect(str(build), read_only=True) as connection:
        known = read_identifiers(connection, company.root / "truth")
        return compare(known, partitions(connection, known))


@pytest.mark.parametrize("of", ["accounts and CRM", "all"])
def test_customers_are_nearly_the_people_and_shared_things_join_none(
    quality: Quality, of: str
) -> None:
    found = quality.scores[DETERMINISTIC, of]
    assert found.pair_precision >= 0.995
    assert found.pair_f1 >= 0.9
    assert found.largest <= found.largest_true
    # The worlds are hard enough to tell: whoever joins along every edge makes few of many.
    plain = quality.scores[PLAIN, of]
    assert plain.pair_f1 < 0.6
    assert plain.largest > 3 * plain.largest_true
