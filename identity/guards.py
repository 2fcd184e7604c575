"""Guards: at most one KYC applicant and one date of birth to a customer."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterable

    from identity.graph import Flags, IdentityGraph, Integers


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
        self._values: dict[int, dict[str, set[str]]] = {}
        for node in np.flatnonzero(among[graph.guard_nodes]):
            root = int(labels[graph.guard_nodes[node]])
            held = self._values.setdefault(root, defaultdict(set))
            held[graph.guard_types[node]].add(graph.guard_values[node])

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
        held = [self._values[root] for root in roots if root in self._values]
        for guard in sorted({guard for values in held for guard in values}):
            sides = [values[guard] for values in held if guard in values]
            if len(set().union(*sides)) > max(map(len, sides)):
                return guard
        if held:
            # The largest takes in the others, so that a long chain stays cheap.
            kept = max(held, key=lambda values: sum(map(len, values.values())))
            for values in held:
                if values is not kept:
                    for guard, found in values.items():
                        kept.setdefault(guard, set()).update(found)
            self._values[roots[0]] = kept
        for root in roots[1:]:
            self._parents[root] = roots[0]
            self._values.pop(root, None)
        return None


def find_conflicts(graph: IdentityGraph, labels: Integers) -> Flags:
    """Flag the identifiers of components that hold two values of one guard.

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
        }
    ).drop_duplicates()
    counts = held.groupby(["label", "guard"]).size()
    broken = counts[counts > 1].index.get_level_values("label").to_numpy(dtype=np.int64)
    return np.isin(labels, broken)
