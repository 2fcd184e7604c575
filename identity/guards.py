"""Guards: at most one KYC applicant and one date of birth to a customer.

A value that a source has verified stands against every other value; values that people merely typed
in differ by slips of the pen and stand against none of their own kind. What a reviewer has told
apart is a guard too, of a type of its own: its two identifiers are two values.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from identity.graph import Digests, Flags, IdentityGraph, Integers


@dataclass
class _Held:
    """What a set of identifiers says of one guard."""

    values: set[int] = field(default_factory=set)
    is_verified: bool = False

    @property
    def claims(self) -> int:
        """How many values stand against each other, at least 1."""
        return len(self.values) if self.is_verified else 1

    def add(self, other: _Held) -> None:
        self.values |= other.values
        self.is_verified |= other.is_verified


class GuardedSets:
    """Disjoint sets of nodes that join only where the guards allow.

    Only the sets in which a guard may be broken pass through here; all others are joined at once by
    the array code, which gives the same result.
    """

    def __init__(self, graph: IdentityGraph, *, labels: Integers, among: Flags) -> None:
        """Start from sets already made.

        Args:
            graph: whose guards hold.
            labels: the set of each identifier, named by one of its members; shape (identifiers,).
            among: the identifiers that matter; shape (identifiers,).
        """
        self._parents: dict[int, int] = {}
        self._held: dict[int, dict[int, _Held]] = {}
        matter = np.flatnonzero(among[graph.guard_nodes])
        for root, guard, value, is_verified in zip(
            labels[graph.guard_nodes[matter]].tolist(),
            graph.guard_types[matter].tolist(),
            graph.guard_values[matter].tolist(),
            graph.guard_is_verified[matter].tolist(),
            strict=True,
        ):
            held = self._held.setdefault(root, {}).setdefault(guard, _Held())
            held.add(_Held({value}, is_verified))

    def find(self, node: int) -> int:
        """Return the node that stands for the set of this one."""
        root = node
        while (parent := self._parents.get(root, root)) != root:
            root = parent
        while node != root:
            self._parents[node], node = root, self._parents[node]
        return root

    def join(self, nodes: Iterable[int]) -> int | None:
        """Make one set of the nodes' sets, or leave all as they are.

        A set that brought two values of a guard with it (the source says so of one identifier) may
        still be joined by what adds no further value.

        Args:
            nodes: at least one node.

        Returns:
            None if they were joined, else the type of the guard that forbids it: the smallest.
        """
        roots = sorted({self.find(node) for node in nodes})
        held = [self._held[root] for root in roots if root in self._held]
        for guard in sorted({guard for guards in held for guard in guards}):
            sides = [guards[guard] for guards in held if guard in guards]
            joined = _Held()
            for side in sides:
                joined.add(side)
            if joined.claims > max(side.claims for side in sides):
                return guard
        if held:
            # The largest takes in the others, so that a long chain stays cheap.
            kept = max(held, key=lambda guards: sum(len(found.values) for found in guards.values()))
            for guards in held:
                if guards is not kept:
                    for guard, found in guards.items():
                        kept.setdefault(guard, _Held()).add(found)
            self._held[roots[0]] = kept
        for root in roots[1:]:
            self._parents[root] = roots[0]
            self._held.pop(root, None)
        return None


def find_conflicts(graph: IdentityGraph, labels: Integers, *, among: Flags | None = None) -> Flags:
    """Flag the identifiers of components in which a verified value of a guard meets another.

    Args:
        graph: whose guards hold.
        labels: component of each identifier; shape (identifiers,).
        among: whole components outside of which no conflict is looked for; shape (identifiers,).

    Returns:
        Shape (identifiers,).
    """
    rows = np.arange(len(graph.guard_nodes))
    if among is not None:
        rows = rows[among[graph.guard_nodes]]
    broken, _ = _in_conflict(graph, rows, group=labels[graph.guard_nodes[rows]])
    is_broken = np.zeros(len(labels), dtype=np.bool_)
    is_broken[broken] = True
    flags: Flags = is_broken[labels]
    return flags


def find_clashes(
    graph: IdentityGraph, *, group: Integers, member: Integers, labels: Integers
) -> tuple[Integers, Digests]:
    """Find the groups of components that a guard keeps apart, whatever else joins first.

    A component only takes in values, so what clashes now clashes later; unless a component brought
    two values of one guard with it. Those are not for this function.

    Args:
        graph: whose guards hold.
        group: number of a group; shape (members,).
        member: a component in it; shape (members,).
        labels: component of each identifier; shape (identifiers,).

    Returns:
        The groups, ascending, and the smallest type of guard that keeps each apart.
    """
    is_asked = np.zeros(len(labels), dtype=np.bool_)
    is_asked[member] = True
    label = labels[graph.guard_nodes]
    asked = np.flatnonzero(is_asked[label])
    asked = asked[np.argsort(label[asked])]
    counts = np.bincount(label[asked], minlength=len(labels))
    start, count = (np.cumsum(counts) - counts)[member], counts[member]
    offset = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
    rows = asked[np.repeat(start, count) + offset]
    return _in_conflict(graph, rows, group=np.repeat(group, count))


def _in_conflict(
    graph: IdentityGraph, rows: Integers, *, group: Integers
) -> tuple[Integers, Digests]:
    """Find groups of guards, given by their rows, in which a verified value meets another one."""
    if not len(rows):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.uint64)
    types, codes = graph.guard_codes
    keys = group.astype(np.int64) * len(types) + codes[rows]
    order = np.argsort(keys)
    keys, rows = keys[order], rows[order]
    values, verified = graph.guard_values[rows], graph.guard_is_verified[rows]
    starts = np.ones(len(keys), dtype=np.bool_)
    starts[1:] = keys[1:] != keys[:-1]
    first = np.flatnonzero(starts)
    several = np.minimum.reduceat(values, first) != np.maximum.reduceat(values, first)
    several &= np.logical_or.reduceat(verified, first)
    groups, codes = np.divmod(keys[first[several]], len(types))
    # By group, then type: the first of each group has its smallest.
    smallest = np.ones(len(groups), dtype=np.bool_)
    smallest[1:] = groups[1:] != groups[:-1]
    return groups[smallest], types[codes[smallest]]
