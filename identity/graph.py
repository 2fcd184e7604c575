"""The identity graph as integer arrays: what the resolver works on.

Identifiers are numbered by the order of their keys, so that every tie broken by number is broken by
key, and the order in which rows arrive can't matter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from warehouse import read_frame

if TYPE_CHECKING:
    import duckdb
    import pandas as pd
    from numpy.typing import NDArray

Integers: TypeAlias = "NDArray[np.int64]"
Flags: TypeAlias = "NDArray[np.bool_]"
Texts: TypeAlias = "NDArray[np.object_]"

STRONG, MEDIUM, WEAK = 0, 1, 2
TIER_NAMES = ("strong", "medium", "weak")
NEVER_SEEN = np.iinfo(np.int64).max

_IDENTIFIERS = f"""
    select
        identifier_key,
        identifier_type,
        list_position({list(TIER_NAMES)}, tier) - 1 as tier,
        coalesce(max_holders, 0) as max_holders,
        is_blocked,
        coalesce(epoch_us(first_seen_at), {NEVER_SEEN}) as first_seen
    from identity.identity_identifiers
    order by identifier_key
"""
_CODES = """
    select identifier_key, row_number() over (order by identifier_key) - 1 as code
    from identity.identity_identifiers
"""
_EDGES = f"""
    select
        least(lefts.code, rights.code) as left_code,
        greatest(lefts.code, rights.code) as right_code,
        lefts.code is null or rights.code is null as is_dangling,
        coalesce(min(epoch_us(edges.first_seen_at)), {NEVER_SEEN}) as first_seen
    from identity.identity_edges as edges
    left join ({_CODES}) as lefts on edges.left_identifier_key = lefts.identifier_key
    left join ({_CODES}) as rights on edges.right_identifier_key = rights.identifier_key
    where edges.left_identifier_key is distinct from edges.right_identifier_key
    group by all
    order by left_code, right_code
"""
_GUARDS = f"""
    select distinct
        codes.code,
        guards.guard_type,
        guards.guard_value,
        guards.is_verified,
        codes.code is null as is_dangling
    from identity.identity_guards as guards
    left join ({_CODES}) as codes on guards.identifier_key = codes.identifier_key
    where guards.guard_value is not null
    order by codes.code, guards.guard_type, guards.guard_value, guards.is_verified
"""


@dataclass(frozen=True)
class IdentityGraph:
    """Identifiers, edges and guards; identifier `i` is row `i` of the identifier arrays.

    Attributes:
        keys: identifier keys, ascending and unique; shape (identifiers,), as the next five.
        types: identifier types.
        tiers: 0 strong, 1 medium, 2 weak.
        max_holders: how many strong components a medium identifier may join.
        is_blocked: the identifier may bridge nothing.
        first_seen: microseconds since 1970 UTC; `NEVER_SEEN` where unknown.
        left: one end of each edge, no edge twice; shape (edges,), as the next two.
        right: the other end, greater than `left`.
        edge_first_seen: microseconds, as `first_seen`.
        guard_nodes: identifier of each guard; shape (guards,), as the next three.
        guard_types: what the guard allows a customer one of.
        guard_values: the one value.
        guard_is_verified: its source has proven it; else somebody typed it in.
    """

    keys: Texts
    types: Texts
    tiers: Integers
    max_holders: Integers
    is_blocked: Flags
    first_seen: Integers
    left: Integers
    right: Integers
    edge_first_seen: Integers
    guard_nodes: Integers
    guard_types: Texts
    guard_values: Texts
    guard_is_verified: Flags

    def __len__(self) -> int:
        return len(self.keys)


def read_graph(connection: duckdb.DuckDBPyConnection) -> IdentityGraph:
    """Read the graph from schema `identity`, leaving out the edges of blocked identifiers.

    Args:
        connection: the build database.

    Raises:
        ValueError: an identifier is there twice, has no known tier or is medium without
            `max_holders`; or an edge or guard names an identifier that is not there.
    """
    identifiers = read_frame(connection, _IDENTIFIERS)
    edges = read_frame(connection, _EDGES)
    guards = read_frame(connection, _GUARDS)
    _refuse_broken(identifiers, edges, guards)
    is_blocked = identifiers["is_blocked"].to_numpy(dtype=np.bool_)
    left = _integers(edges["left_code"])
    right = _integers(edges["right_code"])
    usable = ~(is_blocked[left] | is_blocked[right])
    return IdentityGraph(
        keys=identifiers["identifier_key"].to_numpy(dtype=object),
        types=identifiers["identifier_type"].to_numpy(dtype=object),
        tiers=_integers(identifiers["tier"]),
        max_holders=_integers(identifiers["max_holders"]),
        is_blocked=is_blocked,
        first_seen=_integers(identifiers["first_seen"]),
        left=left[usable],
        right=right[usable],
        edge_first_seen=_integers(edges["first_seen"])[usable],
        guard_nodes=_integers(guards["code"]),
        guard_types=guards["guard_type"].to_numpy(dtype=object),
        guard_values=guards["guard_value"].to_numpy(dtype=object),
        guard_is_verified=guards["is_verified"].to_numpy(dtype=np.bool_),
    )


def components(size: int, left: Integers, right: Integers) -> Integers:
    """Number the connected components of an undirected graph.

    Args:
        size: number of nodes.
        left: one end of each edge; shape (edges,).
        right: the other end; shape (edges,).

    Returns:
        The component of each node; shape (size,). A component's number is its smallest node.
    """
    if size == 0:
        return np.zeros(0, dtype=np.int64)
    links = coo_array((np.ones(len(left), dtype=np.int8), (left, right)), shape=(size, size))
    _, labels = connected_components(links, directed=False)
    return smallest_member(labels)


def smallest_member(labels: NDArray[Any]) -> Integers:
    """Rename each label to the smallest position that carries it; shape as given."""
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    return first.astype(np.int64)[inverse]


def _refuse_broken(identifiers: pd.DataFrame, edges: pd.DataFrame, guards: pd.DataFrame) -> None:
    repeated = int(identifiers["identifier_key"].duplicated().sum())
    untiered = int(identifiers["tier"].isna().sum() + (identifiers["tier"] < 0).sum())
    is_medium = identifiers["tier"] == MEDIUM
    uncapped = int((is_medium & (identifiers["max_holders"] < 1)).sum())
    problems = [
        (repeated, "identifiers are in identity_identifiers more than once", "make its key unique"),
        (
            untiered,
            f"identifiers have no tier of {', '.join(TIER_NAMES)}",
            "give their type a tier",
        ),
        (uncapped, "medium identifiers have no max_holders of at least 1", "set it for their type"),
        (int(edges["is_dangling"].sum()), "edges name an unknown identifier", "list both ends"),
        (int(guards["is_dangling"].sum()), "guards name an unknown identifier", "list it"),
    ]
    for count, fault, remedy in problems:
        if count:
            raise ValueError(f"{count} {fault}: {remedy} in models/identity or its seeds")


def _integers(column: pd.Series[Any]) -> Integers:
    return column.to_numpy(dtype=np.int64)
