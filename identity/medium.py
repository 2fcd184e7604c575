"""Medium identifiers (e-mail, phone): one that few strong components hold makes them one."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from identity.graph import MEDIUM, components
from identity.guards import GuardedSets, find_conflicts
from identity.reviews import TOO_MANY_HOLDERS

if TYPE_CHECKING:
    from identity.graph import Flags, IdentityGraph, Integers
    from identity.reviews import Reviews


@dataclass(frozen=True)
class MediumJoins:
    """The state after medium identifiers have joined.

    Attributes:
        labels: component of each identifier; shape (identifiers,).
        is_refused: the medium identifier was refused and stands alone; shape (identifiers,).
    """

    labels: Integers
    is_refused: Flags


def join_by_medium(
    graph: IdentityGraph, *, edges: Integers, labels: Integers, reviews: Reviews
) -> MediumJoins:
    """Join strong components that share a medium identifier, within its limit and the guards.

    Args:
        graph: identifiers, edges, guards.
        edges: positions of the edges with a medium end and no weak one; shape (edges,).
        labels: strong component of each identifier; shape (identifiers,).
        reviews: takes what is refused.
    """
    # Each edge from both ends: `node` asks, `other` answers.
    node = np.concatenate([graph.left[edges], graph.right[edges]])
    other = np.concatenate([graph.right[edges], graph.left[edges]])
    asking = graph.tiers[node] == MEDIUM
    node, other = node[asking], other[asking]
    holders = _count_holders(graph, node=node, other=other, labels=labels)
    is_refused = np.zeros(len(graph), dtype=np.bool_)
    for index in np.flatnonzero(holders > graph.max_holders).tolist():
        is_refused[index] = True
        reviews.add(index, reason=TOO_MANY_HOLDERS, holder_count=int(holders[index]))

    usable = ~(is_refused[node] | is_refused[other])
    node, other = node[usable], other[usable]
    joined = components(len(graph), labels[node], labels[other])[labels]
    conflicted = find_conflicts(graph, joined)
    if not conflicted.any():
        return MediumJoins(labels=joined, is_refused=is_refused)

    doubtful = conflicted[node]
    refused = _refuse_by_guards(
        graph, node=node[doubtful], other=other[doubtful], labels=labels, among=conflicted
    )
    for index, guard in refused.items():
        is_refused[index] = True
        reviews.add_guarded(index, guard=guard, holder_count=max(2, int(holders[index])))
    usable = ~(is_refused[node] | is_refused[other])
    joined = components(len(graph), labels[node[usable]], labels[other[usable]])[labels]
    return MediumJoins(labels=joined, is_refused=is_refused)


def _count_holders(
    graph: IdentityGraph, *, node: Integers, other: Integers, labels: Integers
) -> Integers:
    """Count the parties that each medium identifier would make one.

    They are the strong components that hold it or hold a medium neighbour of it; a neighbour with
    a holder in common brings nothing new (two identifiers of one customer's record). Where there is
    no strong component around, the neighbours themselves count, so that a number in sixty contacts
    of nobody's is as suspicious as one in sixty customers' records.

    Returns:
        Shape (identifiers,); 0 for all that are not medium.
    """
    links = pd.DataFrame({"node": node, "other": other, "party": labels[other]})
    is_medium = graph.tiers[other] == MEDIUM
    direct = links.loc[~is_medium, ["node", "party"]].drop_duplicates()
    counts = _count_by_node(graph, direct)
    # A hub is over its limit already; followed further it would multiply its holders by its links.
    is_hub = counts > graph.max_holders
    followed = is_medium & ~is_hub[node] & ~is_hub[other]
    held_by = direct.rename(columns={"node": "other"})
    via = links.loc[followed, ["node", "other"]].merge(held_by, on="other", how="left")
    unheld = _count_by_node(graph, via.loc[via["party"].isna(), ["node", "other"]])
    via = via.dropna(subset="party").astype(np.int64)
    known = pd.MultiIndex.from_frame(direct)
    via["is_shared"] = pd.MultiIndex.from_frame(via[["node", "party"]]).isin(known)
    is_shared = via.groupby(["node", "other"])["is_shared"].transform("any").astype(bool)
    parties = pd.concat([direct, via.loc[~is_shared, ["node", "party"]]]).drop_duplicates()
    counts = _count_by_node(graph, parties)
    return np.where(counts > 0, counts, unheld)


def _count_by_node(graph: IdentityGraph, pairs: pd.DataFrame) -> Integers:
    nodes = pairs["node"].to_numpy(dtype=np.int64)
    return np.bincount(nodes, minlength=len(graph)).astype(np.int64)


def _refuse_by_guards(
    graph: IdentityGraph, *, node: Integers, other: Integers, labels: Integers, among: Flags
) -> dict[int, str]:
    """Let medium identifiers join one by one, the oldest first; return those a guard forbids.

    A forbidden identifier joins nothing, not even one of its holders: it can't tell which is right.
    """
    neighbours: dict[int, list[int]] = defaultdict(list)
    for index, neighbour in zip(node.tolist(), other.tolist(), strict=True):
        neighbours[index].append(neighbour)
    candidates = np.unique(node)
    order = np.lexsort((candidates, graph.first_seen[candidates]))
    sets = GuardedSets(graph, labels=labels, among=among)
    refused: dict[int, str] = {}
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
