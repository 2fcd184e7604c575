"""Medium identifiers (e-mail, phone): one that few strong components hold makes them one."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from identity.graph import MEDIUM, distinct_pairs, join, pair_codes
from identity.guards import GuardedSets, find_clashes, find_conflicts
from identity.reviews import GUARDED, TOO_MANY_HOLDERS

if TYPE_CHECKING:
    from identity.graph import Flags, IdentityGraph, Integers
    from identity.reviews import Reviews


@dataclass(frozen=True)
class MediumJoins:
    """The state after medium identifiers have joined.

    Attributes:
        labels: component of each identifier; shape (identifiers,), as the next two.
        is_refused: the medium identifier was refused and joins nothing.
        is_hub: it was refused for those alone that hold it themselves.
    """

    labels: Integers
    is_refused: Flags
    is_hub: Flags


def join_by_medium(
    graph: IdentityGraph, *, edges: Integers, labels: Integers, reviews: Reviews
) -> MediumJoins:
    """Join strong components that share a medium identifier, within its limit and the guards.

    Args:
        graph: identifiers, edges, guards.
        edges: positions of the edges with a medium end that are not weaker; shape (edges,).
        labels: strong component of each identifier; shape (identifiers,).
        reviews: takes what is refused.
    """
    # Each edge from both ends: `node` asks, `other` answers.
    node = np.concatenate([graph.left[edges], graph.right[edges]])
    other = np.concatenate([graph.right[edges], graph.left[edges]])
    asking = graph.tiers[node] == MEDIUM
    node, other = node[asking], other[asking]
    holders, is_hub = _count_holders(graph, node=node, other=other, labels=labels)
    is_refused = (holders > graph.max_holders) & (graph.tiers == MEDIUM)
    refused = np.flatnonzero(is_refused)
    reviews.add(refused, reason=TOO_MANY_HOLDERS, tier=MEDIUM, holders=holders[refused])

    usable = ~(is_refused[node] | is_refused[other])
    node, other = node[usable], other[usable]
    joined = join(labels, node, other)
    conflicted = find_conflicts(graph, joined)
    if not conflicted.any():
        return MediumJoins(labels=joined, is_refused=is_refused, is_hub=is_hub)

    guards = _refuse_by_guards(
        graph,
        node=node,
        other=other,
        labels=labels,
        joined=joined,
        conflicted=conflicted,
    )
    refused = np.array(list(guards), dtype=np.int32)
    is_refused[refused] = True
    reviews.add(
        refused,
        reason=GUARDED,
        guard=np.array(list(guards.values()), dtype=np.uint64),
        tier=MEDIUM,
        holders=np.maximum(2, holders[refused]),
    )
    usable = ~(is_refused[node] | is_refused[other])
    joined = join(labels, node[usable], other[usable])
    return MediumJoins(labels=joined, is_refused=is_refused, is_hub=is_hub)


def _count_holders(
    graph: IdentityGraph, *, node: Integers, other: Integers, labels: Integers
) -> tuple[Integers, Flags]:
    """Count the parties that each medium identifier would make one.

    They are the strong components that hold it or hold a medium neighbour of it; a neighbour with
    a holder in common brings nothing new (two identifiers of one customer's record). Where there is
    no strong component around, the neighbours themselves count, so that a number in sixty contacts
    of nobody's is as suspicious as one in sixty customers' records.

    Returns:
        The number, 0 for all that are not medium, and whether those that hold it themselves are too
        many already; both of shape (identifiers,).
    """
    size = len(graph)
    is_medium = graph.tiers[other] == MEDIUM
    held, party = distinct_pairs(node[~is_medium], labels[other[~is_medium]])
    counts = np.bincount(held, minlength=size).astype(np.int32)
    is_hub = (counts > graph.max_holders) & (graph.tiers == MEDIUM)
    # A hub is over its limit already; followed further it would multiply its holders by its links.
    followed = is_medium & ~is_hub[node] & ~is_hub[other]
    if not followed.any():
        return counts, is_hub
    node, other = node[followed], other[followed]
    is_held = counts > 0
    unheld = np.bincount(node[~is_held[other]], minlength=size).astype(np.int32)
    link, further = _parties_of(other, held=held, party=party)
    is_shared = np.isin(pair_codes(node[link], further), pair_codes(held, party))
    brings_nothing = np.zeros(len(node), dtype=np.bool_)
    brings_nothing[link[is_shared]] = True
    new = ~brings_nothing[link]
    all_held, _ = distinct_pairs(
        np.concatenate([held, node[link[new]]]), np.concatenate([party, further[new]])
    )
    counts = np.bincount(all_held, minlength=size).astype(np.int32)
    return np.where(counts > 0, counts, unheld), is_hub


def _parties_of(asked: Integers, *, held: Integers, party: Integers) -> tuple[Integers, Integers]:
    """Look up the parties of identifiers, `held` being ascending.

    Returns:
        For each party found: the position in `asked`, and the party.
    """
    start = np.searchsorted(held, asked, side="left")
    count = np.searchsorted(held, asked, side="right") - start
    link = np.repeat(np.arange(len(asked)), count)
    offset = np.arange(len(link)) - np.repeat(np.cumsum(count) - count, count)
    return link, party[np.repeat(start, count) + offset]


def _refuse_by_guards(
    graph: IdentityGraph,
    *,
    node: Integers,
    other: Integers,
    labels: Integers,
    joined: Integers,
    conflicted: Flags,
) -> dict[int, int]:
    """Find the medium identifiers that a guard forbids to join, and the guard's type of each.

    Those whose own holders clash are found at once: most families' mailboxes are such. What is in
    conflict without them goes one by one.

    Args:
        graph: identifiers and guards.
        node: medium identifier of each link; shape (links,).
        other: who holds it; shape (links,).
        labels: component of each identifier so far; shape (identifiers,), as the next two.
        joined: the component if all joined.
        conflicted: in it a guard would be broken.
    """
    has_brought_two = np.zeros(len(graph), dtype=np.bool_)
    has_brought_two[joined[find_conflicts(graph, labels, among=conflicted)]] = True
    plain = conflicted[node] & ~has_brought_two[joined[node]]
    held = plain & (graph.tiers[other] != MEDIUM)
    is_asking = np.zeros(len(graph), dtype=np.bool_)
    is_asking[node[plain]] = True
    asking = np.flatnonzero(is_asking)
    early, types = find_clashes(
        graph,
        group=np.concatenate([node[held], asking]),
        member=labels[np.concatenate([other[held], asking])],
        labels=labels,
    )
    refused = dict(zip(early.tolist(), types.tolist(), strict=True))
    is_out = np.zeros(len(graph), dtype=np.bool_)
    is_out[early] = True
    left = conflicted[node] & ~(is_out[node] | is_out[other])
    node, other = node[left], other[left]
    if not len(node):
        return refused
    conflicted = find_conflicts(graph, join(labels, node, other), among=conflicted)
    left = conflicted[node]
    refused |= _refuse_in_turn(
        graph, node=node[left], other=other[left], labels=labels, among=conflicted
    )
    return refused


def _refuse_in_turn(
    graph: IdentityGraph, *, node: Integers, other: Integers, labels: Integers, among: Flags
) -> dict[int, int]:
    """Let medium identifiers join one by one, the oldest first; return those a guard forbids.

    A forbidden identifier joins nothing, not even one of its holders: it can't tell which is right.
    """
    neighbours: dict[int, list[int]] = defaultdict(list)
    for index, neighbour in zip(node.tolist(), other.tolist(), strict=True):
        neighbours[index].append(neighbour)
    candidates = np.unique(node)
    order = np.lexsort((candidates, graph.first_seen[candidates]))
    sets = GuardedSets(graph, labels=labels, among=among)
    refused: dict[int, int] = {}
    accepted: set[int] = set()
    for index in candidates[order].tolist():
        # A medium neighbour still to come brings this edge along when its turn is there.
        ready = [n for n in neighbours[index] if graph.tiers[n] != MEDIUM or n in accepted]
        guard = sets.join(int(labels[n]) for n in (index, *ready))
        if guard is None:
            accepted.add(index)
        else:
            refused[index] = guard
    return refused
