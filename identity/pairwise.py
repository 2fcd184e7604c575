"""Strong edges join; where guards would break, edge by edge, the oldest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from identity.graph import join
from identity.guards import GuardedSets, find_conflicts
from identity.reviews import GUARDED

if TYPE_CHECKING:
    from identity.graph import IdentityGraph, Integers
    from identity.reviews import Reviews


def join_by_edges(
    graph: IdentityGraph, *, edges: Integers, labels: Integers, tier: int, reviews: Reviews
) -> Integers:
    """Join the components that the edges of one tier connect, as far as the guards allow.

    Args:
        graph: identifiers, edges, guards.
        edges: positions of the tier's edges; shape (edges,).
        labels: component of each identifier so far, named by its smallest; shape (identifiers,).
        tier: the edges' tier, for the reviews.
        reviews: takes what is refused.

    Returns:
        Component of each identifier, named by its smallest.
    """
    if not len(edges):
        return labels
    left, right = labels[graph.left[edges]], labels[graph.right[edges]]
    joined = join(labels, left, right)
    conflicted = find_conflicts(graph, joined)
    if not conflicted.any():
        return joined
    doubtful = np.flatnonzero(conflicted[left])
    places = edges[doubtful]
    order = np.lexsort((graph.right[places], graph.left[places], graph.edge_ranks[places]))
    sets = GuardedSets(graph, labels=labels, among=conflicted)
    refused, guards = [], []
    for edge in doubtful[order].tolist():
        guard = sets.join((int(left[edge]), int(right[edge])))
        if guard is not None:
            refused.append(edge)
            guards.append(guard)
    places = edges[np.array(refused, dtype=np.int64)]
    reviews.add(
        graph.left[places],
        other=graph.right[places],
        reason=GUARDED,
        guard=np.array(guards, dtype=np.uint64),
        tier=tier,
        holders=np.full(len(places), 2),
    )
    kept = np.ones(len(edges), dtype=np.bool_)
    kept[refused] = False
    return join(labels, left[kept], right[kept])
