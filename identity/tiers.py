"""Resolve the identity graph tier by tier: strong edges join, then medium ones and matches may.

Weak ones attach. A tier sees what the tiers before it made, and never what comes after it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from identity.graph import MATCHED, MEDIUM, STRONG, WEAK, join
from identity.medium import join_by_medium
from identity.pairwise import join_by_edges
from identity.reviews import Reviews
from identity.weak import attach_weak

if TYPE_CHECKING:
    from identity.graph import Flags, IdentityGraph, Integers
    from identity.reviews import Refusals


@dataclass(frozen=True)
class Resolution:
    """Which identifiers are one customer, and what was decided on the way.

    Attributes:
        strong: strong component of each identifier, named by its smallest; shape (identifiers,), as
            all but the last.
        core: the same after medium edges and matches.
        customers: the same after weak edges: the answer.
        region: what a change can reach: identifiers that firm edges connect, refused or not, hubs'
            medium edges left out; weak identifiers that nobody holds, grouped.
        is_refused: a medium identifier that joins nothing.
        is_hub: one that too many hold.
        is_held: a weak identifier that somebody holds.
        refusals: for people to look at.
    """

    strong: Integers
    core: Integers
    customers: Integers
    region: Integers
    is_refused: Flags
    is_hub: Flags
    is_held: Flags
    refusals: Refusals


def resolve(graph: IdentityGraph) -> Resolution:
    """Partition the identifiers into customers.

    Every identifier is in exactly one part; a blocked or refused one may be a part of its own.
    """
    reviews = Reviews()
    is_strong = graph.edge_tiers == STRONG
    has_medium_end = (graph.tiers[graph.left] == MEDIUM) | (graph.tiers[graph.right] == MEDIUM)
    strong = join_by_edges(
        graph,
        edges=np.flatnonzero(is_strong),
        labels=np.arange(len(graph), dtype=np.int32),
        tier=STRONG,
        reviews=reviews,
    )
    medium = join_by_medium(
        graph,
        edges=np.flatnonzero(has_medium_end & (graph.edge_tiers <= MEDIUM)),
        labels=strong,
        reviews=reviews,
    )
    core = join_by_edges(
        graph,
        edges=np.flatnonzero(graph.edge_tiers == MATCHED),
        labels=medium.labels,
        tier=MATCHED,
        reviews=reviews,
    )
    weak = attach_weak(
        graph,
        edges=np.flatnonzero(graph.edge_tiers == WEAK),
        labels=core,
        is_floating=is_floating(graph),
        is_refused=medium.is_refused,
        reviews=reviews,
    )
    return Resolution(
        strong=strong,
        core=core,
        customers=weak.customers,
        region=_regions(graph, core=core, anonymous=weak.anonymous, is_hub=medium.is_hub),
        is_refused=medium.is_refused,
        is_hub=medium.is_hub,
        is_held=weak.is_held,
        refusals=reviews.refusals(),
    )


def is_open(graph: IdentityGraph, *, is_hub: Flags) -> Flags:
    """Flag the edges along which the tiers before the weak one may decide; shape (edges,).

    What a hub's medium edges lead to is decided as if they were not there.
    """
    past_hub = (graph.edge_tiers == MEDIUM) & (is_hub[graph.left] | is_hub[graph.right])
    opened: Flags = (graph.edge_tiers != WEAK) & ~past_hub
    return opened


def _regions(
    graph: IdentityGraph, *, core: Integers, anonymous: Integers, is_hub: Flags
) -> Integers:
    # No identifier is both: an anonymous one has no firm edge.
    labels = np.minimum(core, anonymous)
    apart = is_open(graph, is_hub=is_hub) & (core[graph.left] != core[graph.right])
    return join(labels, graph.left[apart], graph.right[apart])


def is_floating(graph: IdentityGraph) -> Flags:
    """Flag the weak identifiers of which no strong edge says whose they are; shape (identifiers,).

    A reviewer may say it of a device.
    """
    floating: Flags = graph.tiers == WEAK
    firm = graph.edge_tiers != WEAK
    floating[graph.left[firm]] = False
    floating[graph.right[firm]] = False
    return floating
