"""Small identity graphs for tests, written as a person would draw them."""

from __future__ import annotations

import functools
import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from identity import resolver
from identity.graph import TIER_NAMES

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
    matches: list[tuple[str, str, float]] = field(default_factory=list)
    same: list[tuple[str, str]] = field(default_factory=list)

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

    def match(self, left: str, right: str, *, probability: float) -> World:
        self.see(left, right)
        self.matches.append((left, right, probability))
        return self

    def decide(self, left: str, right: str, decision: str) -> World:
        """Say what the models make of a reviewer's decision."""
        if decision == "same":
            self.same.append((left, right))
            return self
        pair = sorted([left, right])
        self.edges = [edge for edge in self.edges if sorted(edge[:2]) != pair]
        guard_type = f"review:{key_of(left)}:{key_of(right)}"
        if key_of(left) > key_of(right):
            guard_type = f"review:{key_of(right)}:{key_of(left)}"
        for name in pair:
            self.guard(name, guard_type, name)
        return self

    def block(self, *names: str) -> World:
        self.see(*names)
        self.blocked.update(names)
        return self

    def write(self, connection: duckdb.DuckDBPyConnection) -> None:
        identifiers = [
            {
                "identifier_key": key_of(name),
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
                "left_identifier_key": key_of(left),
                "right_identifier_key": key_of(right),
                "tier": tier,
                "first_seen_at": START + timedelta(days=day),
                "source_name": "tests",
            }
            for (left, right), (tier, day) in self.seen_edges().items()
        ]
        matches = [
            {
                "left_identifier_key": min(key_of(left), key_of(right)),
                "right_identifier_key": max(key_of(left), key_of(right)),
                "match_probability": probability,
            }
            for left, right, probability in self.matches
        ]
        guards = [
            {
                "identifier_key": key_of(name),
                "guard_type": guard_type,
                "guard_value": value,
                "is_verified": is_verified,
            }
            for name, guard_type, value, is_verified in self.guards
        ]
        store(connection, "identity.identity_identifiers", identifiers, IDENTIFIERS)
        store(connection, "identity.identity_edges", edges, EDGES)
        store(connection, "identity.identity_guards", guards, GUARDS)
        store(connection, "matcher.contact_matches", matches, MATCHES)

    def seen_edges(self) -> dict[tuple[str, str], tuple[str, int]]:
        """Give each pair once, as the models do: its strongest tier, its first day."""
        found: dict[tuple[str, str], tuple[str, int]] = {}
        for left, right, day in [*self.edges, *((*pair, 0) for pair in self.same)]:
            pair = (min(left, right), max(left, right))
            weaker = max((TYPES[end.split(":")[0]][0] for end in pair), key=TIER_NAMES.index)
            known, first = found.get(pair, (weaker, day))
            found[pair] = known, min(day, first)
        for left, right in self.same:
            pair = (min(left, right), max(left, right))
            found[pair] = "strong", found[pair][1]
        return found


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
MATCHES = pa.schema(
    {
        "left_identifier_key": KEY,
        "right_identifier_key": KEY,
        "match_probability": pa.float64(),
    }
)


def key_of(name: str) -> str:
    """Digest a name as the models digest an identifier."""
    return hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()


def store(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    rows: Sequence[Mapping[str, object]],
    schema: pa.Schema,
) -> None:
    connection.execute(f"create schema if not exists {name.split('.', maxsplit=1)[0]}")
    connection.register("rows", pa.Table.from_pylist(list(rows), schema=schema))
    connection.execute(f"create or replace table {name} as select * from rows")
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


def query(sql: str) -> list[tuple[object, ...]]:
    """Ask the build that the last `resolve` wrote."""
    return _database().execute(sql).fetchall()


def resolve(world: World, folder: Path, *, state: str = "state.npz", day: int = 30) -> Resolved:
    """Run the stage with the state that the folder has."""
    connection = _database()
    world.write(connection)
    summary = resolver.run(
        connection,
        folder / state,
        folder / "candidate.npz",
        as_of=START.replace(tzinfo=UTC) + timedelta(days=day),
    )
    names = {key_of(name): name for name in world.identifiers}
    customers = connection.execute("select * from resolver.identifier_customers").fetchall()
    reviews = connection.execute(
        "select identifier_key, other_identifier_key, holder_count, reason "
        "from resolver.identity_reviews"
    ).fetchall()
    assert len(customers) == len(world.identifiers)
    return Resolved(
        customers={names[key]: customer for key, customer in customers},
        reviews={
            ("–".join(sorted(names[key] for key in keys if key)), count, reason)
            for *keys, count, reason in reviews
        },
        summary=summary,
    )
