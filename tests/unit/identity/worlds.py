"""Small identity graphs for tests, written as a person would draw them."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from identity import resolver

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

TYPES = {
    "ref": ("strong", 1),
    "account": ("strong", 1),
    "email": ("medium", 2),
    "phone": ("medium", 3),
    "device": ("weak", 1),
    "anonymous": ("weak", 1),
}
START = datetime(2026, 1, 1)  # noqa: DTZ001 - the engine's timestamps are UTC without a zone
KEY, TEXT, STAMP = pa.string(), pa.string(), pa.timestamp("us")


@dataclass
class World:
    """Identifiers are named `<type>:<name>`; days count from `START`."""

    identifiers: dict[str, int] = field(default_factory=dict)
    edges: list[tuple[str, str, int]] = field(default_factory=list)
    guards: list[tuple[str, str, str, bool]] = field(default_factory=list)
    blocked: set[str] = field(default_factory=set)

    def see(self, *names: str, day: int = 0) -> World:
        for name in names:
            self.identifiers[name] = min(day, self.identifiers.get(name, day))
        return self

    def link(self, left: str, *rights: str, day: int = 0) -> World:
        for right in rights:
            self.see(left, right, day=day)
            self.edges.append((left, right, day))
        return self

    def guard(self, name: str, guard_type: str, value: str, *, is_verified: bool = True) -> World:
        self.see(name)
        self.guards.append((name, guard_type, value, is_verified))
        return self

    def block(self, *names: str) -> World:
        self.see(*names)
        self.blocked.update(names)
        return self

    def write(self, connection: duckdb.DuckDBPyConnection) -> None:
        identifiers = [
            {
                "identifier_key": name,
                "identifier_type": name.split(":")[0],
                "tier": TYPES[name.split(":")[0]][0],
                "max_holders": TYPES[name.split(":")[0]][1],
                "is_blocked": name in self.blocked,
                "first_seen_at": START + timedelta(days=day),
            }
            for name, day in self.identifiers.items()
        ]
        edges = [
            {
                "left_identifier_key": left,
                "right_identifier_key": right,
                "tier": max(TYPES[end.split(":")[0]][0] for end in (left, right)),
                "first_seen_at": START + timedelta(days=day),
                "source_name": "tests",
            }
            for left, right, day in self.edges
        ]
        guards = [
            {
                "identifier_key": name,
                "guard_type": guard_type,
                "guard_value": value,
                "is_verified": is_verified,
            }
            for name, guard_type, value, is_verified in self.guards
        ]
        store(connection, "identity_identifiers", identifiers, IDENTIFIERS)
        store(connection, "identity_edges", edges, EDGES)
        store(connection, "identity_guards", guards, GUARDS)


IDENTIFIERS = pa.schema(
    {
        "identifier_key": KEY,
        "identifier_type": TEXT,
        "tier": TEXT,
        "max_holders": pa.int32(),
        "is_blocked": pa.bool_(),
        "first_seen_at": STAMP,
    }
)
EDGES = pa.schema(
    {
        "left_identifier_key": KEY,
        "right_identifier_key": KEY,
        "tier": TEXT,
        "first_seen_at": STAMP,
        "source_name": TEXT,
    }
)
GUARDS = pa.schema(
    {"identifier_key": KEY, "guard_type": TEXT, "guard_value": TEXT, "is_verified": pa.bool_()}
)


def store(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    rows: Sequence[Mapping[str, object]],
    schema: pa.Schema,
) -> None:
    connection.execute("create schema if not exists identity")
    connection.register("rows", pa.Table.from_pylist(list(rows), schema=schema))
    connection.execute(f"create or replace table identity.{name} as select * from rows")
    connection.unregister("rows")


@dataclass(frozen=True)
class Resolved:
    customers: dict[str, str]
    reviews: set[tuple[str, int, str]]
    summary: resolver.ResolvedIdentities

    def partition(self) -> set[frozenset[str]]:
        parts: dict[str, set[str]] = {}
        for name, customer in self.customers.items():
            parts.setdefault(customer, set()).add(name)
        return {frozenset(part) for part in parts.values()}

    def together(self, *names: str) -> bool:
        return len({self.customers[name] for name in names}) == 1

    def alone(self, name: str) -> bool:
        return frozenset([name]) in self.partition()


@functools.cache
def _database() -> duckdb.DuckDBPyConnection:
    # One for all examples: every run replaces its tables, and opening costs more than resolving.
    return duckdb.connect(config={"threads": 1})


def resolve(world: World, folder: Path, *, state: str = "state.parquet") -> Resolved:
    """Run the stage with the state that the folder has."""
    connection = _database()
    world.write(connection)
    summary = resolver.run(connection, folder / state, folder / "candidate.parquet")
    customers = connection.execute("select * from resolver.identifier_customers").fetchall()
    reviews = connection.execute(
        "select identifier_key, holder_count, reason from resolver.identity_reviews"
    ).fetchall()
    assert len(customers) == len(world.identifiers)
    return Resolved(customers=dict(customers), reviews=set(reviews), summary=summary)
