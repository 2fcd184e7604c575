"""Small graphs out of a large one, with stand-ins for what is not resolved anew."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from identity.graph import (
    COLUMN_TYPES,
    EDGE_COLUMNS,
    GUARD_COLUMNS,
    IDENTIFIER_COLUMNS,
    MEDIUM,
    STRONG,
    WEAK,
    IdentityGraph,
    distinct_pairs,
)

if TYPE_CHECKING:
    from identity.graph import Flags, Integers


@dataclass(frozen=True)
class Excerpt:
    """A small graph and where its identifiers are in the large one.

    Attributes:
        graph: identifiers in the order of the large graph, then stand-ins.
        nodes: position in the large graph; of a stand-in, that of whom it stands for.
        local: position in `graph`, -1 for what is not in it; shape (identifiers of the large one,).
    """

    graph: IdentityGraph
    nodes: Integers
    local: Integers


def subgraph(graph: IdentityGraph, *, nodes: Integers) -> IdentityGraph:
    """Return the graph of some identifiers, which are ascending."""
    chosen = np.zeros(len(graph), dtype=np.bool_)
    chosen[nodes] = True
    edges = np.flatnonzero(chosen[graph.left] & chosen[graph.right])
    nobody = np.zeros(0, dtype=np.int32)
    return _take(graph, nodes=nodes, edges=edges, held=nobody, holder=nobody, tier=WEAK).graph


def core_excerpt(
    graph: IdentityGraph, *, reached: Flags, is_hub: Flags, strong: Integers
) -> tuple[Excerpt, Integers]:
    """Take out regions, with the hubs at their edge and stand-ins for the hubs' further holders.

    Args:
        graph: the large graph.
        reached: identifiers of whole regions; shape (identifiers,), as the next two.
        is_hub: medium identifiers whose medium edges connect no regions.
        strong: strong component, right for all that are not reached.

    Returns:
        The excerpt, without weak edges, and the hubs in it, by their position in `graph`.
    """
    firm = np.flatnonzero(graph.edge_tiers != WEAK)
    left, right = graph.left[firm], graph.right[firm]
    beside = np.zeros(len(graph), dtype=np.bool_)
    beside[left[reached[right] & is_hub[left]]] = True
    beside[right[reached[left] & is_hub[right]]] = True
    hubs = is_hub & (reached | beside)
    inside = (reached[left] & reached[right]) | (reached[left] & beside[right])
    inside |= beside[left] & reached[right]
    held, holder = [], []
    for hub, other in ((left, right), (right, left)):
        further = hubs[hub] & ~reached[other] & (graph.tiers[other] != MEDIUM)
        held.append(hub[further])
        holder.append(strong[other[further]])
    excerpt = _take(
        graph,
        nodes=np.flatnonzero(reached | hubs),
        edges=firm[inside],
        held=np.concatenate(held),
        holder=np.concatenate(holder),
        tier=MEDIUM,
    )
    return excerpt, np.flatnonzero(hubs)


def weak_excerpt(
    graph: IdentityGraph, *, reached: Flags, floating: Flags, core: Integers, is_refused: Flags
) -> Excerpt:
    """Take out weak identifiers, those around them, and stand-ins for the customers that hold them.

    Args:
        graph: the large graph.
        reached: weak identifiers to attach anew; shape (identifiers,), as the rest.
        floating: as `identity.tiers.is_floating`.
        core: customer of each identifier that is not floating.
        is_refused: medium identifiers that hold nothing.
    """
    weak = np.flatnonzero(graph.edge_tiers == WEAK)
    left, right = graph.left[weak], graph.right[weak]
    both = floating[left] & floating[right]
    inside = both & (reached[left] | reached[right])
    taken = reached.copy()
    taken[left[inside]] = True
    taken[right[inside]] = True
    held, holder = [], []
    for one, other in ((left, right), (right, left)):
        holds = taken[one] & ~floating[other] & ~is_refused[other]
        held.append(one[holds])
        holder.append(core[other[holds]])
    return _take(
        graph,
        nodes=np.flatnonzero(taken),
        edges=weak[inside],
        held=np.concatenate(held),
        holder=np.concatenate(holder),
        tier=WEAK,
    )


def _take(
    graph: IdentityGraph,
    *,
    nodes: Integers,
    edges: Integers,
    held: Integers,
    holder: Integers,
    tier: int,
) -> Excerpt:
    """Build the excerpt; each `held` gets an edge of the tier to the stand-in for its `holder`."""
    held, holder = distinct_pairs(held, holder)
    local = np.full(len(graph), -1, dtype=np.int32)
    local[nodes] = np.arange(len(nodes), dtype=np.int32)
    stand_ins, places = np.unique(holder, return_inverse=True)
    identifiers = {
        name: np.concatenate(
            [getattr(graph, name)[nodes], np.zeros(len(stand_ins), COLUMN_TYPES[name])]
        )
        for name in IDENTIFIER_COLUMNS
    }
    identifiers["tiers"][len(nodes) :] = STRONG
    columns = {name: getattr(graph, name)[edges] for name in EDGE_COLUMNS}
    columns["left"] = np.concatenate([local[columns["left"]], local[held]])
    columns["right"] = np.concatenate(
        [local[columns["right"]], (len(nodes) + places).astype(np.int32)]
    )
    columns["edge_tiers"] = np.append(columns["edge_tiers"], np.full(len(held), tier, np.int8))
    columns["edge_ranks"] = np.append(columns["edge_ranks"], np.zeros(len(held), np.int64))
    guards = np.flatnonzero(local[graph.guard_nodes] >= 0)
    guarded = {name: getattr(graph, name)[guards] for name in GUARD_COLUMNS}
    guarded["guard_nodes"] = local[guarded["guard_nodes"]]
    return Excerpt(
        graph=IdentityGraph(**identifiers, **columns, **guarded),
        nodes=np.concatenate([nodes, stand_ins]).astype(np.int32),
        local=local,
    )
