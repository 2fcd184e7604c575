"""Resolve anew only what a change can reach, and say exactly what resolving all would say.

Before the weak tier a change reaches no farther than its regions: what firm edges connect, refused
or not. A hub's medium edges connect nothing while it is a hub, so a mailbox of thousands doesn't
make one region of them. Whether it still is one is decided with stand-ins: a node for each strong
component out there that holds it. If it no longer is, the regions it connects are taken in.

In the weak tier a change reaches the weak identifiers around those whose customer changed, and the
anonymous groups around these; there the customers are stand-ins.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from identity.excerpts import core_excerpt, weak_excerpt
from identity.graph import WEAK
from identity.reviews import NOBODY, Refusals, Reviews, in_order
from identity.tiers import Resolution, is_floating, resolve
from identity.weak import attach_weak

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from identity.changes import Changes
    from identity.excerpts import Excerpt
    from identity.graph import Flags, IdentityGraph, Integers


def reassess(graph: IdentityGraph, *, changes: Changes, before: Resolution) -> Resolution:
    """Resolve a graph from the resolution of the one before it.

    Args:
        graph: identifiers, edges, guards.
        changes: from the graph of `before` to this one.
        before: how that was resolved.

    Returns:
        What `identity.tiers.resolve` says of this graph.
    """
    if not len(before.core):
        return resolve(graph)
    floating = is_floating(graph)
    carried = _carry(before, changes=changes, floating=floating)
    core = _reassess_core(graph, changes=changes, before=before, carried=carried, floating=floating)
    return _reassess_weak(
        graph, changes=changes, before=before, carried=carried, core=core, floating=floating
    )


def _carry(before: Resolution, *, changes: Changes, floating: Flags) -> Resolution:
    """Say the same of today's identifiers; a new one is by itself."""
    kept = np.flatnonzero(changes.former >= 0)
    # Numpy is twice as fast with an index that need not be widened.
    former = changes.former[kept].astype(np.intp)
    own = np.arange(len(floating), dtype=np.int32)

    def labels(column: Integers) -> Integers:
        carried = own.copy()
        named = changes.later[column[former].astype(np.intp)]
        # Whoever was named after an identifier that is gone is reached, and named anew.
        carried[kept] = np.where(named >= 0, named, own[kept])
        return carried

    def flags(column: Flags) -> Flags:
        carried = np.zeros(len(floating), dtype=np.bool_)
        carried[kept] = column[former]
        return carried

    refusals = before.refusals
    node = changes.later[refusals.node]
    other = np.append(changes.later, NOBODY)[refusals.other]
    still = (node >= 0) & ((other >= 0) | (refusals.other == NOBODY))
    return Resolution(
        strong=np.where(floating, own, labels(before.strong)),
        core=np.where(floating, own, labels(before.core)),
        customers=labels(before.customers),
        region=labels(before.region),
        is_refused=flags(before.is_refused) & ~floating,
        is_hub=flags(before.is_hub) & ~floating,
        is_held=flags(before.is_held) & floating,
        refusals=_select(replace(refusals, node=node, other=other), still),
    )


def _reassess_core(
    graph: IdentityGraph,
    *,
    changes: Changes,
    before: Resolution,
    carried: Resolution,
    floating: Flags,
) -> Resolution:
    """Resolve the tiers before the weak one."""
    is_hub = carried.is_hub.copy()
    seeds = changes.is_touched.copy()
    while True:
        reached = _in_regions(before, changes=changes, seeds=seeds) & ~floating
        excerpt, hubs = core_excerpt(graph, reached=reached, is_hub=is_hub, strong=carried.strong)
        resolved = resolve(excerpt.graph)
        fallen = hubs[~resolved.is_hub[excerpt.local[hubs]]]
        if not len(fallen):
            break
        is_hub[fallen] = False
        seeds[_around(graph, fallen)] = True
    nodes = np.flatnonzero(reached)
    local = excerpt.local[nodes]
    return replace(
        carried,
        strong=_written(carried.strong, nodes, excerpt.nodes[resolved.strong[local]]),
        core=_written(carried.core, nodes, excerpt.nodes[resolved.core[local]]),
        region=_written(carried.region, nodes, excerpt.nodes[resolved.region[local]]),
        is_refused=_written(carried.is_refused, nodes, resolved.is_refused[local]),
        is_hub=_written(carried.is_hub, nodes, resolved.is_hub[local]),
        refusals=_replaced(
            carried.refusals,
            by=_named(resolved.refusals, excerpt),
            about=changes.is_touched | reached | _flags(len(graph), hubs),
            is_weak=False,
        ),
    )


def _reassess_weak(
    graph: IdentityGraph,
    *,
    changes: Changes,
    before: Resolution,
    carried: Resolution,
    core: Resolution,
    floating: Flags,
) -> Resolution:
    """Attach the weak identifiers about whose holders the tiers before say another thing."""
    is_changed = changes.is_touched | (core.core != carried.core)
    is_changed |= core.is_refused != carried.is_refused
    is_changed |= changes.later[before.core[changes.former]] < 0
    weak = graph.edge_tiers == WEAK
    left, right = graph.left[weak], graph.right[weak]
    asking = changes.is_touched.copy()
    asking[left[is_changed[right]]] = True
    asking[right[is_changed[left]]] = True
    asking &= floating
    # Around those whose holders changed, what nobody holds may belong to another now.
    seeds = asking.copy()
    for one, other in ((left, right), (right, left)):
        around = other[asking[one]]
        seeds[around[floating[around] & ~carried.is_held[around]]] = True
    reached = _in_regions(before, changes=changes, seeds=seeds) & floating
    excerpt = weak_excerpt(
        graph, reached=reached, floating=floating, core=core.core, is_refused=core.is_refused
    )
    reviews = Reviews()
    size = len(excerpt.graph)
    attached = attach_weak(
        excerpt.graph,
        edges=np.arange(len(excerpt.graph.left)),
        labels=np.arange(size, dtype=np.int32),
        is_floating=excerpt.graph.tiers == WEAK,
        is_refused=np.zeros(size, dtype=np.bool_),
        reviews=reviews,
    )
    nodes = np.flatnonzero(reached)
    local = excerpt.local[nodes]
    customers = np.where(floating, carried.customers, core.core)
    return replace(
        core,
        customers=_written(customers, nodes, excerpt.nodes[attached.customers[local]]),
        region=_written(core.region, nodes, excerpt.nodes[attached.anonymous[local]]),
        is_held=_written(core.is_held, nodes, attached.is_held[local]),
        refusals=_replaced(
            core.refusals,
            by=_named(reviews.refusals(), excerpt),
            about=reached | ~floating,
            is_weak=True,
        ),
    )


def _in_regions(before: Resolution, *, changes: Changes, seeds: Flags) -> Flags:
    """Flag the seeds and all that were in a region with one of them; shape (identifiers,)."""
    kept = changes.former >= 0
    is_hit = np.zeros(len(before.region), dtype=np.bool_)
    is_hit[before.region[changes.former[seeds & kept]]] = True
    reached: Flags = seeds | (kept & is_hit[before.region[changes.former]])
    return reached


def _around(graph: IdentityGraph, nodes: Integers) -> Integers:
    """List some identifiers and all that a firm edge links to one of them."""
    chosen = _flags(len(graph), nodes)
    edges = (chosen[graph.left] | chosen[graph.right]) & (graph.edge_tiers != WEAK)
    return np.concatenate([nodes, graph.left[edges], graph.right[edges]])


def _flags(size: int, nodes: Integers) -> Flags:
    flags = np.zeros(size, dtype=np.bool_)
    flags[nodes] = True
    return flags


def _written(column: NDArray[Any], nodes: Integers, values: NDArray[Any]) -> NDArray[Any]:
    written = column.copy()
    written[nodes] = values
    return written


def _named(refusals: Refusals, excerpt: Excerpt) -> Refusals:
    """Name an excerpt's refusals by the positions of the large graph."""
    return replace(
        refusals,
        node=excerpt.nodes[refusals.node],
        other=np.append(excerpt.nodes, np.int32(NOBODY))[refusals.other],
    )


def _replaced(refusals: Refusals, *, by: Refusals, about: Flags, is_weak: bool) -> Refusals:
    """Replace what was said about some identifiers, in the weak tier or in those before it."""
    kept = _select(refusals, ((refusals.tier == WEAK) != is_weak) | ~about[refusals.node])
    return in_order([kept, _select(by, about[by.node])])


def _select(refusals: Refusals, chosen: Flags) -> Refusals:
    return Refusals(**{one.name: getattr(refusals, one.name)[chosen] for one in fields(Refusals)})
