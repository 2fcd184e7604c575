"""Resolve the identity graph tier by tier: strong edges join, medium ones may, weak ones attach."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from identity.graph import MEDIUM, STRONG, components
from identity.guards import GuardedSets, find_conflicts
from identity.medium import join_by_medium
from identity.reviews import Reviews
from identity.weak import attach_weak

if TYPE_CHECKING:
    import pyarrow as pa

    from identity.graph import IdentityGraph, Integers


def resolve(graph: IdentityGraph) -> tuple[Integers, pa.Table]:
    """Partition the identifiers into customers.

    The tier of an edge is the weaker of its ends. Every identifier is in exactly one part; a
    blocked or refused one may be a part of its own.

    Args:
        graph: identifiers, edges, guards.

    Returns:
        The customer of each identifier, named by its smallest identifier (shape (identifiers,)),
        and the refusals (schema `REVIEWS`).
    """
    reviews = Reviews()
    edge_tiers = np.maximum(graph.tiers[graph.left], graph.tiers[graph.right])
    strong = _join_strong(graph, edges=np.flatnonzero(edge_tiers == STRONG), reviews=reviews)
    medium = join_by_medium(
        graph, edges=np.flatnonzero(edge_tiers == MEDIUM), labels=strong, reviews=reviews
    )
    customers = attach_weak(
        graph,
        edges=np.flatnonzero(edge_tiers > MEDIUM),
        labels=medium.labels,
        is_refused=medium.is_refused,
        reviews=reviews,
    )
    return customers, reviews.to_table(graph)


def _join_strong(graph: IdentityGraph, *, edges: Integers, reviews: Reviews) -> Integers:
    """Join along strong edges; where guards would break, edge by edge, the oldest first."""
    left, right = graph.left[edges], graph.right[edges]
    labels = components(len(graph), left, right)
    conflicted = find_conflicts(graph, labels)
    if not conflicted.any():
        return labels
    kept = np.ones(len(edges), dtype=np.bool_)
    doubtful = np.flatnonzero(conflicted[left])
    seen = graph.edge_first_seen[edges]
    order = np.lexsort((right[doubtful], left[doubtful], seen[doubtful]))
    sets = GuardedSets(graph, labels=np.arange(len(graph)), among=conflicted)
    for edge in doubtful[order]:
        ends = (int(left[edge]), int(right[edge]))
        guard = sets.join(ends)
        if guard is not None:
            kept[edge] = False
            for end in ends:
                reviews.add_guarded(end, guard=guard, holder_count=2)
    return components(len(graph), left[kept], right[kept])
