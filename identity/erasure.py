"""Who a request to forget is about: every identifier of the customers it names, in one build."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import phonenumbers
import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import duckdb

BROUGHT_ALONG = frozenset(
    {
        *("email", "phone", "phone_spelling", "wallet"),
        *("device_id", "anonymous_id", "advertising_id", "participant_id"),
    }
)
"""Types of what a person owns and may come back with; all others were given to this customer."""

_PHONES = ("phone", "phone_spelling")
_CAUSE = "cause_"
_LINKED = """
    select distinct known.identifier_key, known.identifier_type, known.identifier_value
    from identity.identity_identifiers as known
    inner join resolver.identifier_customers as resolved using (identifier_key)
    where
        resolved.customer_id in (select customer_id from chosen_customers)
        and not known.is_blocked
    order by all
"""
_DIGITS = "ltrim(regexp_replace({column}, '[^0-9]', '', 'g'), '0')"


@dataclass(frozen=True, order=True)
class KnownIdentifier:
    """An identifier as a build knows it.

    Attributes:
        type: Its type.
        value: Its value, in clear.
        key: Its key; empty for another way to write one that has a key.
    """

    type: str
    value: str
    key: str = ""

    @property
    def comes_back(self) -> bool:
        """Whether the person may bring it along to a new beginning."""
        return self.type in BROUGHT_ALONG


@dataclass(frozen=True)
class Linked:
    """Whom requests are about.

    Attributes:
        requests: The identifiers that were asked about and are known.
        identifiers: Every identifier of the customers they belong to.
        customers: Those customers.
    """

    requests: tuple[KnownIdentifier, ...] = ()
    identifiers: tuple[KnownIdentifier, ...] = ()
    customers: tuple[str, ...] = ()


def requested(connection: duckdb.DuckDBPyConnection) -> Linked:
    """Find whom the requests are about that sources have delivered; a blocked value is nobody."""
    requests = _known(
        connection,
        "select requests.identifier_key, requests.identifier_type, requests.identifier_value "
        "from identity.identity_erasures as requests "
        "inner join identity.identity_identifiers as known using (identifier_key) "
        "where not known.is_blocked order by all",
    )
    return _linked(connection, requests)


def of_customer(connection: duckdb.DuckDBPyConnection, customer_id: str) -> Linked:
    """Find the identifiers of a customer; none if there is no such customer."""
    connection.execute(
        "create or replace temp table chosen_customers as select ? as customer_id", [customer_id]
    )
    identifiers = _known(connection, _LINKED)
    return Linked(identifiers, _written(identifiers), (customer_id,) if identifiers else ())


def of_identifiers(
    connection: duckdb.DuckDBPyConnection, asked: Sequence[tuple[str, str]]
) -> tuple[Linked, list[int]]:
    """Find whom identifiers belong to, however they are spelt.

    Args:
        connection: The build database.
        asked: Type and value of each.

    Returns:
        Whom they are about, and the places in `asked` of those that nobody has.
    """
    requests: list[KnownIdentifier] = []
    unknown = []
    for place, (type_, value) in enumerate(asked):
        is_phone = type_ in _PHONES
        column = (
            _DIGITS.format(column="identifier_value") if is_phone else "lower(identifier_value)"
        )
        given = _DIGITS.format(column="?") if is_phone else "lower(trim(?))"
        found = _known(
            connection,
            "select identifier_key, identifier_type, identifier_value "
            f"from identity.identity_identifiers where list_contains(?, identifier_type) "
            f"and not is_blocked and {column} = {given} order by all",
            [list(_PHONES if is_phone else (type_,)), value],
        )
        requests += found
        if not found:
            unknown.append(place)
    return _linked(connection, requests), unknown


def _linked(connection: duckdb.DuckDBPyConnection, requests: Iterable[KnownIdentifier]) -> Linked:
    wanted = tuple(sorted(set(requests)))
    connection.register("wanted", pa.table({"key": pa.array([w.key for w in wanted], pa.string())}))
    connection.execute(
        "create or replace temp table chosen_customers as select distinct customer_id "
        "from resolver.identifier_customers where identifier_key in (select key from wanted)"
    )
    connection.unregister("wanted")
    customers = connection.execute("select customer_id from chosen_customers order by 1").fetchall()
    identifiers = {*_known(connection, _LINKED), *wanted}
    return Linked(wanted, _written(identifiers), tuple(one for (one,) in customers))


def _known(
    connection: duckdb.DuckDBPyConnection, sql: str, values: Sequence[object] = ()
) -> tuple[KnownIdentifier, ...]:
    rows = connection.execute(sql, list(values)).fetchall()
    return tuple(KnownIdentifier(type_, value, key) for key, type_, value in rows)


def _written(identifiers: Iterable[KnownIdentifier]) -> tuple[KnownIdentifier, ...]:
    """Add how a number is written in its own country."""
    known = set(identifiers)
    for one in tuple(known):
        if one.type == "phone" and one.value.startswith("+"):
            known |= {KnownIdentifier(one.type, number) for number in _national(one.value)}
    return tuple(sorted(known))


def _national(phone: str) -> Iterable[str]:
    try:
        number = phonenumbers.parse(phone)
    except phonenumbers.NumberParseException:
        return ()
    return (phonenumbers.national_significant_number(number),)
