"""Whom a request to forget is about, and what the state of identity keeps of them."""

from collections.abc import Iterator

import duckdb
import pytest

from identity.erasure import (
    KnownIdentifier,
    Linked,
    of_customer,
    of_identifiers,
    requested,
)

PEOPLE = (
    ("k1", "customer_ref", "cu1", False, "c0000000001"),
    ("k2", "email", "ann@mail.example", False, "c0000000001"),
    ("k3", "phone", "+34600112233", False, "c0000000001"),
    ("k4", "phone_spelling", "600112233", False, "c0000000001"),
    ("k5", "customer_ref", "cu2", False, "c0000000002"),
    ("k6", "email", "none", True, "c0000000003"),
)


@pytest.fixture
def build() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("create schema identity")
        connection.execute("create schema resolver")
        connection.execute(
            "create table identity.identity_identifiers (identifier_key varchar, "
            "identifier_type varchar, identifier_value varchar, is_blocked boolean)"
        )
        connection.execute(
            "create table resolver.identifier_customers "
            "(identifier_key varchar, customer_id varchar)"
        )
        connection.execute(
            "create table identity.identity_erasures (identifier_key varchar, "
            "identifier_type varchar, identifier_value varchar)"
        )
        for key, type_, value, is_blocked, customer in PEOPLE:
            connection.execute(
                "insert into identity.identity_identifiers values (?, ?, ?, ?)",
                [key, type_, value, is_blocked],
            )
            connection.execute(
                "insert into resolver.identifier_customers values (?, ?)", [key, customer]
            )
        yield connection


def ask(build: duckdb.DuckDBPyConnection, *keys: str) -> None:
    build.execute(
        "insert into identity.identity_erasures "
        "select identifier_key, identifier_type, identifier_value "
        "from identity.identity_identifiers where list_contains(?, identifier_key)",
        [list(keys)],
    )


def values(linked: Linked) -> set[str]:
    return {one.value for one in linked.identifiers}


def test_a_request_is_for_all_that_is_linked_however_it_is_written(
    build: duckdb.DuckDBPyConnection,
) -> None:
    ask(build, "k2")
    found = requested(build)
    assert found.requests == (KnownIdentifier("email", "ann@mail.example", "k2"),)
    assert found.customers == ("c0000000001",)
    assert values(found) == {"cu1", "ann@mail.example", "+34600112233", "600112233"}
    assert {one.key for one in found.identifiers} == {"k1", "k2", "k3", "k4", ""}


def test_what_stands_for_nobody_is_nobodys_request(build: duckdb.DuckDBPyConnection) -> None:
    ask(build, "k6")
    assert requested(build) == Linked()


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        ("email", " Ann@Mail.example "),
        ("phone", "0034 600 11 22 33"),
        ("phone", "600 112 233"),
        ("customer_ref", "cu1"),
    ],
)
def test_an_identifier_is_known_in_any_spelling(
    build: duckdb.DuckDBPyConnection, type_: str, value: str
) -> None:
    found, unknown = of_identifiers(build, [(type_, value)])
    assert unknown == []
    assert found.customers == ("c0000000001",)


def test_an_identifier_that_nobody_has_is_named_by_its_place(
    build: duckdb.DuckDBPyConnection,
) -> None:
    found, unknown = of_identifiers(build, [("customer_ref", "cu2"), ("email", "none")])
    assert (found.customers, unknown) == (("c0000000002",), [1])
    assert of_customer(build, "c0000000009") == Linked()
    assert values(of_customer(build, "c0000000002")) == {"cu2"}


def test_what_a_person_brings_along_may_come_back() -> None:
    assert KnownIdentifier("email", "ann@mail.example").comes_back
    assert not KnownIdentifier("kyc_applicant_id", "kyc1").comes_back
