"""Guards: at most one KYC applicant and one date of birth to a customer.

A value that a source has verified stands against every other value; values that people merely typed
in differ by slips of the pen and stand against none of their own kind.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterable

    from identity.graph import Flags, IdentityGraph, Integers


@dataclass
class _Held:
    """What a set of identifiers says of one guard."""

    values: set[str] = field(default_factory=set)
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
        self._held: dict[int, dict[str, _Held]] = {}
        for node in np.flatnonzero(among[graph.guard_nodes]):
            root = int(labels[graph.guard_nodes[node]])
            held = self._held.setdefault(root, {}).setdefault(graph.guard_types[node], _Held())
            held.add(_Held({graph.guard_values[node]}, bool(graph.guard_is_verified[node])))

    def find(self, node: int) -> int:
        """Return the node that stands for the set of this one."""
        root = node
        while (parent := self._parents.get(root, root)) != root:
            root = parent
        while node != root:
            self._parents[node], node = root, self._parents[node]
        return root

    def join(self, nodes: Iterable[int]) -> str | None:
        """Make one set of the nodes' sets, or leave all as they are.

        A set that brought two values of a guard with it (the source says so of one identifier) may
        still be joined by what adds no further value.

        Args:
            nodes: at least one node.

        Returns:
            None if they were joined, else the guard that forbids it.
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
    held = pd.DataFrame(
        {
            "label": labels[graph.guard_nodes],
            "guard": graph.guard_types,
            "value": graph.guard_values,
            "is_verified": graph.guard_is_verified,
        }
    )
    found = held.groupby(["label", "guard"]).agg(
        values=("value", "nunique"), is_verified=("is_verified", "any")
    )
    is_broken = found["is_verified"] & (found["values"] > 1)
    broken = found.index[is_broken].get_level_values("label").to_numpy(dtype=np.int64)
    return np.isin(labels, broken)
