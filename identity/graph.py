"""The identity graph as integer arrays: what the resolver works on.

Identifiers are numbered by the order of their digests, so that every tie broken by number is broken
by digest, and the order in which rows arrive can't matter.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Integers: TypeAlias = "NDArray[np.integer]"
Flags: TypeAlias = "NDArray[np.bool_]"
Digests: TypeAlias = "NDArray[np.uint64]"

STRONG, MEDIUM, MATCHED, WEAK = 0, 1, 2, 3
TIER_NAMES = ("strong", "medium", "matched", "weak")
NEVER_SEEN = np.iinfo(np.int64).max
_FEW = 8


@dataclass(frozen=True)
class IdentityGraph:
    """Identifiers, edges and guards; identifier `i` is row `i` of the identifier arrays.

    Attributes:
        key_high: first half of each identifier's digest; shape (identifiers,), as the next four.
            By both halves identifiers are ascending and unique.
        key_low: its second half.
        tiers: of `TIER_NAMES`, by position; an identifier is never `MATCHED`.
        max_holders: how many strong components a medium identifier may join.
        first_seen: microseconds since 1970 UTC; `NEVER_SEEN` where unknown.
        left: one end of each edge; shape (edges,), as the next three.
        right: the other end, greater than `left`.
        edge_tiers: of `TIER_NAMES`. A pair may have one that was seen and one matched.
        edge_ranks: which edge of a tier is tried first, the smallest; `seen_rank`, `matched_rank`.
        guard_nodes: identifier of each guard; shape (guards,), as the next three.
        guard_types: digest of what the guard allows a customer one of.
        guard_values: digest of the one value.
        guard_is_verified: its source has proven it; else somebody typed it in.
    """

    key_high: Digests
    key_low: Digests
    tiers: Integers
    max_holders: Integers
    first_seen: Integers
    left: Integers
    right: Integers
    edge_tiers: Integers
    edge_ranks: Integers
    guard_nodes: Integers
    guard_types: Digests
    guard_values: Digests
    guard_is_verified: Flags

    def __len__(self) -> int:
        return len(self.key_high)

    @cached_property
    def guard_codes(self) -> tuple[Digests, Integers]:
        """The types of guards there are, ascending, and the position among them of each guard's."""
        types, codes = np.unique(self.guard_types, return_inverse=True)
        return types, codes


IDENTIFIER_COLUMNS = ("key_high", "key_low", "tiers", "max_holders", "first_seen")
EDGE_COLUMNS = ("left", "right", "edge_tiers", "edge_ranks")
GUARD_COLUMNS = ("guard_nodes", "guard_types", "guard_values", "guard_is_verified")
COLUMN_TYPES = {
    "key_high": np.uint64,
    "key_low": np.uint64,
    "tiers": np.int8,
    "max_holders": np.int32,
    "first_seen": np.int64,
    "left": np.int32,
    "right": np.int32,
    "edge_tiers": np.int8,
    "edge_ranks": np.int64,
    "guard_nodes": np.int32,
    "guard_types": np.uint64,
    "guard_values": np.uint64,
    "guard_is_verified": np.bool_,
}


def empty_graph() -> IdentityGraph:
    """Return the graph of nothing."""
    return IdentityGraph(
        **{one.name: np.zeros(0, dtype=COLUMN_TYPES[one.name]) for one in fields(IdentityGraph)}
    )


def seen_rank(first_seen: Integers) -> Integers:
    """Rank edges that were seen: the oldest first."""
    return first_seen


def matched_rank(probability: NDArray[np.float64]) -> Integers:
    """Rank edges that were matched: the most probable first.

    Args:
        probability: in 0–1; shape (edges,).

    Returns:
        Integers that order as the probabilities do, turned round: the bits of a positive float
        do so, and lose nothing.
    """
    ranks: Integers = -np.ascontiguousarray(probability, dtype=np.float64).view(np.int64)
    return ranks


def components(size: int, left: Integers, right: Integers) -> Integers:
    """Number the connected components of an undirected graph.

    Args:
        size: number of nodes.
        left: one end of each edge; shape (edges,).
        right: the other end; shape (edges,).

    Returns:
        The component of each node; shape (size,). A component's number is its smallest node.
    """
    # Numpy is twice as fast with an index that need not be widened.
    parent, left, right = np.arange(size), left.astype(np.intp), right.astype(np.intp)
    while len(left):
        # A root hangs on its smallest neighbour. After two rounds half of the roots are gone.
        np.minimum.at(parent, np.maximum(left, right), np.minimum(left, right))
        while not np.array_equal(further := parent[parent], parent):
            parent = further
        left, right = parent[left], parent[right]
        is_open = left != right
        left, right = left[is_open], right[is_open]
    return parent.astype(np.int32)


def join(labels: Integers, left: Integers, right: Integers) -> Integers:
    """Join components along further edges.

    Args:
        labels: component of each node, named by its smallest; shape (nodes,).
        left: one end of each edge, a node; shape (edges,).
        right: the other end; shape (edges,).

    Returns:
        As `labels`.
    """
    left, right = labels[left], labels[right]
    if len(left) * _FEW > len(labels):
        return components(len(labels), left, right)[labels]
    # A few edges are joined among their own ends, not among all nodes.
    ends, places = np.unique(np.concatenate([left, right]), return_inverse=True)
    joined = components(len(ends), places[: len(left)], places[len(left) :])
    renamed = np.arange(len(labels), dtype=np.int32)
    renamed[ends] = ends[joined]
    return renamed[labels]


def distinct_pairs(first: Integers, second: Integers) -> tuple[Integers, Integers]:
    """Return the distinct pairs of two arrays of node numbers, by first, then second."""
    # Sorted and compared: several times as fast as numpy's own way with so many distinct ones.
    pairs = np.sort(pair_codes(first, second))
    is_new = np.ones(len(pairs), dtype=np.bool_)
    is_new[1:] = pairs[1:] != pairs[:-1]
    pairs = pairs[is_new]
    return (pairs >> 32).astype(np.int32), (pairs & 0xFFFFFFFF).astype(np.int32)


def pair_codes(first: Integers, second: Integers) -> Integers:
    """Code pairs of node numbers as one integer each, in the order of first, then second."""
    return first.astype(np.int64) << 32 | second.astype(np.int64)


def edge_codes(left: Integers, right: Integers, tiers: Integers) -> Integers:
    """Code edges as one integer each; a pair has at most one edge of a tier."""
    return left.astype(np.int64) << 33 | right.astype(np.int64) << 2 | tiers
