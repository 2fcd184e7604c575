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

    from identity.graph import Flags, IdentityGraph, Integers


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


def find_conflicts(graph: IdentityGraph, labels: Integers) -> Flags:
    """Flag the identifiers of components in which a verified value of a guard meets another.

    Args:
        graph: whose guards hold.
        labels: component of each identifier; shape (identifiers,).

    Returns:
        Shape (identifiers,).
    """
    label = labels[graph.guard_nodes]
    order = np.lexsort((graph.guard_values, graph.guard_types, label))
    label, types = label[order], graph.guard_types[order]
    values, verified = graph.guard_values[order], graph.guard_is_verified[order]
    starts = np.ones(len(label), dtype=np.bool_)
    starts[1:] = (label[1:] != label[:-1]) | (types[1:] != types[:-1])
    first = np.flatnonzero(starts)
    is_broken = np.zeros(len(labels), dtype=np.bool_)
    if len(first):
        # Sorted by value: a group has several where its ends differ.
        last = np.append(first[1:], len(label)) - 1
        several = values[first] != values[last]
        is_broken[label[first[several & np.logical_or.reduceat(verified, first)]]] = True
    broken: Flags = is_broken[labels]
    return broken
